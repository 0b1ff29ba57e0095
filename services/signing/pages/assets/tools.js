// Finds the signing tools on this computer.

import { Failure } from "./failure.js";
import { probeGiahan } from "./giahan_tool.js";
import { probeKyso } from "./kyso.js";
import { probeVgca } from "./vgca.js";

const SECONDS = 2;
const looksForKyso = document.getElementById("sign").dataset.kyso;
// In the order of preference, if several run.
const PROBES = [probeVgca, ...(looksForKyso ? [probeKyso] : []), probeGiahan];

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

/** The tools that answer, the preferred one first. Throws Failure: `none` if none does within two seconds of the browser's
 *  permission, `denied` if the person didn't allow it, `outdated` if our tool speaks another protocol. */
export async function findTools() {
  const status = await permission();
  const asks = status !== null && status.state === "prompt" && !isLoopback();
  const stop = new AbortController();
  const count = () => setTimeout(() => stop.abort(), SECONDS * 1000);
  if (asks) status.onchange = () => (status.state === "denied" ? stop.abort() : count());
  else count();
  const found = await Promise.allSettled(PROBES.map((probe) => probe(stop.signal)));
  if (status) status.onchange = null;
  const tools = found.filter((one) => one.status === "fulfilled").map((one) => one.value);
  if (tools.length) return tools;
  const reasons = found.flatMap((one) => one.reason.errors || [one.reason]);
  const after = await permission();
  const denied = after && after.state !== "granted" && !isLoopback();
  throw reasons.find((reason) => reason.code === "outdated") || new Failure(denied ? "denied" : "none");
}

/** The browser never asks a page that this computer itself serves. */
function isLoopback() {
  return ["localhost", "127.0.0.1"].includes(location.hostname);
}
