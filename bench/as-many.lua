-- Each request with the next cookie of the file that COOKIES names, and with the headers of a browser.
local requests = {}
local next = 0

function init(args)
  for cookie in io.lines(os.getenv('COOKIES')) do
    requests[#requests + 1] = wrk.format('GET', wrk.path, {
      ['Cookie'] = cookie,
      ['Connection'] = 'keep-alive',
      ['sec-ch-ua-platform'] = '"Linux"',
      ['User-Agent'] = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
      ['Accept'] = 'application/json, text/plain, */*',
      ['sec-ch-ua'] = '"Chromium";v="142", "Not_A Brand";v="99"',
      ['Sec-Fetch-Site'] = 'same-origin',
      ['Sec-Fetch-Mode'] = 'cors',
      ['Accept-Encoding'] = 'gzip, deflate, br, zstd',
      ['Accept-Language'] = 'en-US,en;q=0.9',
    })
  end
end

function request()
  next = next % #requests + 1
  return requests[next]
end
