-- POSTs 1 KiB of JSON.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"name":"' .. string.rep("x", 1000) .. '","n":1}'
