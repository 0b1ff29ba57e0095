// Finds the signing tool on this computer and talks to it (docs/reference/signing-tool.md).

const PORTS = [14742, 14743, 14744];
const PROTOCOL = 1;
const SECONDS = 2;

export class Failure extends Error {
  constructor(code, details = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

/** The browser's permission to reach apps on this computer; null where the browser doesn't ask. */
export async function permission() {
  for (const name of ["loopback-network", "local-network-access"]) {
    try {
      return await navigator.permissions.query({ name });
    } catch {
      // a browser that doesn't know this name
    }
  }
  return null;
}

/** The tool. Throws Failure: `none` if none answers within two seconds of the browser's permission, `denied`
 *  if the person didn't allow it, `outdated` if the tool speaks another protocol. */
export async function findTool() {
  const status = await permission();
  const asks = status !== null && status.state === "prompt" && !isLoopback();
  const stop = new AbortController();
  const count = () => setTimeout(() => stop.abort(), SECONDS * 1000);
  if (asks) status.onchange = () => (status.state === "denied" ? stop.abort() : count());
  else count();
  try {
    return await Promise.any(PORTS.map((port) => probe(port, stop.signal)));
  } catch (all) {
    const outdated = (all.errors || []).find((error) => error.code === "outdated");
    if (outdated) throw outdated;
    const after = await permission();
    throw new Failure(after && after.state !== "granted" && !isLoopback() ? "denied" : "none");
  } finally {
    if (status) status.onchange = null;
  }
}

/** The browser never asks a page that this computer itself serves. */
function isLoopback() {
  return ["localhost", "127.0.0.1"].includes(location.hostname);
}

async function probe(port, signal) {
  const base = `http://127.0.0.1:${port}/v1`;
  const said = await (await fetch(`${base}/tool`, { signal })).json();
  if (said.tool !== "giahan-sign") throw new Failure("none");
  if (said.protocol !== PROTOCOL) throw new Failure("outdated", { version: said.version });
  return new Tool(base, said.paired);
}

class Tool {
  constructor(base, paired) {
    this.base = base;
    this.paired = paired;
  }

  /** Asks the person, in the tool's window, whether this site may use the tokens. */
  async pair() {
    await this.call("POST", "/pairing", {});
    this.paired = true;
  }

  async certificates() {
    return (await this.call("GET", "/certificates")).certificates;
  }

  /** The signature in base64. The person confirms it in the tool's window and enters the PIN there. */
  async sign(certificate, attempt, shown) {
    const body = { certificate, algorithm: attempt.algorithm, digest: attempt.digest, document: shown };
    return (await this.call("POST", "/signatures", body)).signature;
  }

  async call(method, path, body) {
    const sent = body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    let answer;
    try {
      answer = await fetch(this.base + path, { method, ...sent });
    } catch {
      throw new Failure("tool_gone");
    }
    const said = await answer.json().catch(() => null);
    if (answer.ok && said) return said;
    if (!said || !said.error) throw new Failure("tool_problem");
    throw new Failure(said.error.code, said.error);
  }
}
