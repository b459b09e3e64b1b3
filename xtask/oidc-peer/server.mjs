// The certified OpenID provider with two public native clients and one user, at any free port of 127.0.0.1.
// Says {"listening": ISSUER} on its first line. Arguments: a folder, which it does not need, and a mode: without one it has
// neither PAR nor DPoP; "offered" announces both, "required" insists on both, "par" and "dpop" on one of them alone. Where it
// insists on DPoP, it does on nonces.
// GET /seen says how many requests came, and the headers of the last one to userinfo.

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";
import { picture } from "../peer-picture.mjs";

const mode = process.argv[3] ?? "neither";
const [par, dpop] = ["par", "dpop"].map((name) => {
  const required = ["required", name].includes(mode);
  return { required, offered: required || mode === "offered" };
});
const client = (id, provider) => ({
  client_id: id,
  application_type: "native",
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
  response_types: ["code"],
  redirect_uris: [`http://127.0.0.1/callback/${provider}`],
  dpop_bound_access_tokens: dpop.required,
  require_pushed_authorization_requests: par.required,
});
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [client("nameplate", "peer"), client("demo-oidc", "company")],
    // Where the example that defines its provider expects them.
    routes: { authorization: "/authorize", userinfo: "/userinfo" },
    features: {
      deviceFlow: { enabled: true },
      revocation: { enabled: true },
      registration: { enabled: true },
      registrationManagement: { enabled: true },
      pushedAuthorizationRequests: { enabled: par.offered, requirePushedAuthorizationRequests: par.required },
      dPoP: { enabled: dpop.offered, ...(dpop.offered && { nonceSecret: randomBytes(32), requireNonce: () => dpop.required }) },
    },
    claims: {
      openid: ["sub"],
      profile: ["name", "nickname", "picture"],
      email: ["email", "email_verified"],
    },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({
        sub,
        name: "Certified Person",
        nickname: "확실한 사람",
        picture: `${issuer}/picture.png`,
        email: `${sub}@example.com`,
        email_verified: true,
      }),
    }),
  });
  const answer = provider.callback();
  const seen = { requests: 0, userinfo: null };
  server.on("request", (request, response) => {
    if (request.url === "/seen") return response.end(JSON.stringify(seen));
    seen.requests += 1;
    if (request.url === "/userinfo") seen.userinfo = request.headers;
    if (request.url !== "/picture.png") return answer(request, response);
    response.writeHead(200, { "content-type": "image/png" });
    response.end(picture([0, 122, 204]));
  });
  console.log(JSON.stringify({ listening: issuer }));
});
