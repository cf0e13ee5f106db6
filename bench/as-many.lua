-- Each request with the next cookie of the file that COOKIES names.
local requests = {}
local next = 0

function init(args)
  for cookie in io.lines(os.getenv('COOKIES')) do
    requests[#requests + 1] = wrk.format('GET', '/me', { ['Cookie'] = cookie })
  end
end

function request()
  next = next % #requests + 1
  return requests[next]
end
