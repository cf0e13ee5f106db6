-- Asks Oneseat who makes a request, tells the program behind, and answers what Oneseat refuses as it is.
-- With "/verify?role=admin" everything is for administrators.
local VERIFY = "http://127.0.0.1:8404/verify"
local TOLD = { "x-user-id", "x-user-name", "x-user-roles", "x-session-id", "x-session-epoch" }
local PASSED_ON = { "cookie", "authorization", "host", "x-forwarded-for", "x-forwarded-proto" }
local SHOWN = { "content-type", "www-authenticate", "cache-control", "retry-after" }

core.register_action("verify", { "http-req" }, function(txn)
  local asked = txn.http:req_get_headers()
  local headers = {}
  for _, name in ipairs(PASSED_ON) do
    if asked[name] then
      local values = {}
      for i = 0, #asked[name] do values[#values + 1] = asked[name][i] end
      headers[name] = values
    end
  end
  local answer = core.httpclient():get({ url = VERIFY, headers = headers })
  if answer.status == 200 or answer.status == 204 then
    for _, name in ipairs(TOLD) do
      txn.http:req_set_header(name, answer.headers[name] and answer.headers[name][0] or "")
    end
    return
  end
  local reply = txn:reply()
  reply:set_status(answer.status ~= 0 and answer.status or 503)
  for _, name in ipairs(SHOWN) do
    if answer.headers and answer.headers[name] then reply:add_header(name, answer.headers[name][0]) end
  end
  reply:set_body(answer.body or "")
  txn:done(reply)
end)
