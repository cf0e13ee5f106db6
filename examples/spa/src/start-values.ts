const given = new URLSearchParams(location.hash.slice(1))

/** What the demo puts into the address, so that nobody has to type: an application of your own has no such thing. */
export const START = {
  username: given.get('username') ?? '',
  password: given.get('password') ?? '',
  device: given.get('device'),
  accent: given.get('accent') ?? 'blue',
}
