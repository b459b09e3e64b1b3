// Bluesky's own server (@atproto/pds) with one person, at a free port of localhost, and a stand-in for the PLC directory.
// Says {"listening": ISSUER, "plc": URL, "did": DID, "handle": HANDLE, "password": PASSWORD} on its first line.
// Argument: a folder for its data.

import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { Secp256k1Keypair } from "@atproto/crypto";
import { PDS, envToCfg, envToSecrets } from "@atproto/pds";
import plc from "@did-plc/lib";
import { picture } from "../peer-picture.mjs";

const folder = process.argv[2];
const [handle, password] = ["haneul.test", "a-password-for-tests"];

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
