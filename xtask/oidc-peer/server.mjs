// The certified OpenID provider with one public native client and one person, at any free port of 127.0.0.1.
// Says {"listening": ISSUER} on its first line. Arguments: a folder, which it does not need, and a mode: without one it has
// neither PAR nor DPoP; "offered" announces both, "required" insists on both, and on nonces.
// GET /seen says how many requests came, and the headers of the last one to userinfo.

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { crc32, deflateSync } from "node:zlib";
import Provider from "oidc-provider";

/** A picture of one colour, as a PNG. */
function picture([red, green, blue], size = 64) {
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(size * 3, Buffer.from([red, green, blue]))]);
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
    const ends = [Buffer.alloc(4), Buffer.alloc(4)];
    ends[0].writeUInt32BE(data.length);
    ends[1].writeUInt32BE(crc32(body));
    return Buffer.concat([ends[0], body, ends[1]]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(Array(size).fill(row)))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const mode = process.argv[3] ?? "neither";
const [offered, required] = [mode !== "neither", mode === "required"];
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "nameplate",
        application_type: "native",
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        response_types: ["code"],
        redirect_uris: ["http://127.0.0.1/callback/peer"],
        ...(required && { dpop_bound_access_tokens: true, require_pushed_authorization_requests: true }),
      },
    ],
    features: {
      deviceFlow: { enabled: true },
      revocation: { enabled: true },
      registration: { enabled: true },
      registrationManagement: { enabled: true },
      pushedAuthorizationRequests: { enabled: offered, requirePushedAuthorizationRequests: required },
      dPoP: { enabled: offered, ...(offered && { nonceSecret: randomBytes(32), requireNonce: () => required }) },
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
    if (request.url === "/me") seen.userinfo = request.headers;
    if (request.url !== "/picture.png") return answer(request, response);
    response.writeHead(200, { "content-type": "image/png" });
    response.end(picture([0, 122, 204]));
  });
  console.log(JSON.stringify({ listening: issuer }));
});
