const given = new URLSearchParams(location.hash.slice(1))

/** Values that the demo puts into the address, so that nobody has to type. Leave this out in your own application. */
export const START = {
  username: given.get('username') ?? '',
  password: given.get('password') ?? '',
  device: given.get('device'),
  accent: given.get('accent') ?? 'blue',
}
