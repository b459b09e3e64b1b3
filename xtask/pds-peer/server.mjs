// Bluesky's own server (@atproto/pds) with one person, at a free port of localhost, and a stand-in for the PLC directory.
// Says {"listening": ISSUER, "plc": URL, "did": DID, "handle": HANDLE, "password": PASSWORD} on its first line.
// Argument: a folder for its data.

import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { Secp256k1Keypair } from "@atproto/crypto";
import { PDS, envToCfg, envToSecrets } from "@atproto/pds";
import plc from "@did-plc/lib";

const folder = process.argv[2];
const [handle, password] = ["haneul.test", "a-password-for-tests"];

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

/** What the PLC directory does with operations, without its checks: the last one of a DID counts. */
async function directory() {
  const operations = new Map();
  const server = createServer(async (request, response) => {
    const did = decodeURIComponent(request.url.slice(1).split("/")[0]);
    if (request.method === "POST") {
      const chunks = await Array.fromAsync(request);
      operations.set(did, JSON.parse(Buffer.concat(chunks).toString()));
      return response.end();
    }
    const operation = operations.get(did);
    const said = operation && (request.url.endsWith("/data") ? plc.opToData(did, operation)
      : request.url.endsWith("/log/last") ? operation
      : plc.formatDidDoc(plc.opToData(did, operation)));
    response.writeHead(said ? 200 : 404, { "content-type": "application/did+ld+json" });
    response.end(JSON.stringify(said ?? { message: "not registered" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${server.address().port}`;
}

async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

const [plcUrl, port] = [await directory(), await freePort()];
const issuer = `http://localhost:${port}`;
const key = await Secp256k1Keypair.create({ exportable: true });
const env = {
  devMode: true,
  port,
  dataDirectory: folder,
  blobstoreDiskLocation: join(folder, "blobs"),
  didPlcUrl: plcUrl,
  recoveryDidKey: (await Secp256k1Keypair.create()).did(),
  adminPassword: "admin",
  jwtSecret: "a-secret-for-tests",
  dpopSecret: "01".repeat(32),
  serviceHandleDomains: [".test"],
  plcRotationKeyK256PrivateKeyHex: Buffer.from(await key.export()).toString("hex"),
  inviteRequired: false,
  disableSsrfProtection: true,
};
const pds = await PDS.create(envToCfg(env), envToSecrets(env));
await pds.start();

async function call(method, body, token, type = "application/json") {
  const response = await fetch(`${issuer}/xrpc/${method}`, {
    method: "POST",
    headers: { "content-type": type, ...(token && { authorization: `Bearer ${token}` }) },
    body: type === "application/json" ? JSON.stringify(body) : body,
  });
  if (!response.ok) throw new Error(`${method}: ${response.status} ${await response.text()}`);
  return response.json();
}

const email = "haneul@example.com";
const { did, accessJwt } = await call("com.atproto.server.createAccount", { handle, email, password });
const { blob } = await call("com.atproto.repo.uploadBlob", picture([0, 133, 255]), accessJwt, "image/png");
const record = { $type: "app.bsky.actor.profile", displayName: "김하늘", description: "하늘", avatar: blob };
await call("com.atproto.repo.putRecord", { repo: did, collection: "app.bsky.actor.profile", rkey: "self", record }, accessJwt);
console.log(JSON.stringify({ listening: issuer, plc: plcUrl, did, handle, password }));
