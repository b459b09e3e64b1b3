// Bluesky's own server (@atproto/pds) with one user, at a free port of localhost, and a stand-in for the PLC directory.
// Says {"listening": ISSUER, "plc": URL, "did": DID, "handle": HANDLE, "password": PASSWORD} on its first line.
// Arguments: a folder for its data, where a second start finds the user and the ports of the first; and a folder with
// `key.pem` and `certificate.pem`. With those it says "proxy" as well: a proxy that leads to the handle's own host and to
// the PLC directory at their public names, by https.

import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { Secp256k1Keypair } from "@atproto/crypto";
import { PDS, envToCfg, envToSecrets } from "@atproto/pds";
import plc from "@did-plc/lib";
import { picture } from "../peer-picture.mjs";

const [, , folder, certificates] = process.argv;
const [handle, password] = ["haneul.test", "a-password-for-tests"];
const file = join(folder, "peer.json");
/** What a start leaves to the next one. */
const former = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
/** The operations of the PLC directory, by DID. */
const operations = new Map(Object.entries(former?.operations ?? {}));

/** What the PLC directory does with operations, without its checks: the last one of a DID counts. */
async function plcDirectory(request, response) {
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
}

/** A proxy between a program and the public hosts, which are played here. */
function proxyTo(hosts) {
  const pem = (name) => readFileSync(join(certificates, `${name}.pem`));
  const secure = createSecureServer({ key: pem("key"), cert: pem("certificate") }, (request, response) =>
    hosts[request.headers.host](request, response));
  const proxy = createServer((_, response) => response.writeHead(405).end());
  proxy.on("connect", (request, socket) => {
    const known = Object.keys(hosts).some((host) => request.url === `${host}:443`);
    if (!known) return socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    secure.emit("connection", socket);
  });
  return proxy;
}

/** The port that the server listens at: the given one, or a free one. */
async function listen(server, port = 0) {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

async function freePort() {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

const plcPort = await listen(createServer(plcDirectory), former?.plcPort);
const port = former?.port ?? await freePort();
const plcUrl = `http://127.0.0.1:${plcPort}`;
const issuer = `http://localhost:${port}`;
const hex = async (pair) => Buffer.from(await pair.export()).toString("hex");
const rotationKey = former?.rotationKey ?? await hex(await Secp256k1Keypair.create({ exportable: true }));
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
  plcRotationKeyK256PrivateKeyHex: rotationKey,
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

/** Makes the account with its public profile; its DID. */
async function person() {
  const account = { handle, email: "haneul@example.com", password };
  const { did, accessJwt } = await call("com.atproto.server.createAccount", account);
  const { blob } = await call("com.atproto.repo.uploadBlob", picture([0, 133, 255]), accessJwt, "image/png");
  const record = { $type: "app.bsky.actor.profile", displayName: "김하늘", description: "하늘", avatar: blob };
  const profile = { repo: did, collection: "app.bsky.actor.profile", rkey: "self", record };
  await call("com.atproto.repo.putRecord", profile, accessJwt);
  return did;
}

const did = former?.did ?? await person();
const hosts = { [handle]: pds.app, "plc.directory": plcDirectory };
const proxyPort = certificates && await listen(proxyTo(hosts), former?.proxyPort);
const state = { plcPort, port, proxyPort, rotationKey, did, operations: Object.fromEntries(operations) };
writeFileSync(file, JSON.stringify(state));
const proxy = proxyPort && `http://127.0.0.1:${proxyPort}`;
console.log(JSON.stringify({ listening: issuer, plc: plcUrl, did, handle, password, proxy }));
