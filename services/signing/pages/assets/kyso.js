// MISA KYSO: it takes a whole PDF in base64 over a web socket, signs it in its own window, and answers with the
// signed file. Ports and messages are read from public pages that have it sign XML; that a PDF goes the same way
// is our assumption. Here it was tried against a simulator only.

import { toBase64 } from "./base64.js";
import { Failure } from "./failure.js";
import { parse } from "./json.js";
import { deliver, send } from "./service.js";
import { openSocket, SocketProgram } from "./socket.js";

const PORTS = [11984, 11985, 12680, 12681, 12683];

/** The program at the first port that answers. Rejects if it doesn't run. */
export function probeKyso(signal) {
  return Promise.any(PORTS.map((port) => probe(port, signal)));
}

async function probe(port, signal) {
  return new Kyso(await openSocket(`ws://localhost:${port}/plugin`, signal));
}

class Kyso extends SocketProgram {
  name = "kyso";

  /** `document` and `upload`: where the page fetches the PDF, and where it sends what the program signed;
   *  `sending` is called in between. */
  async signFile({ document, upload, sending }) {
    const issued = await send(document);
    const name = "document.pdf";
    const asked = { action: "SignPDF", sessionId: crypto.randomUUID(), productName: "Gia Hạn" };
    const said = await this.call({ ...asked, files: [{ name, data: await toBase64(issued) }] });
    const form = new FormData();
    form.append("file", signedFile(said), name);
    sending();
    const answer = await deliver(send(upload, { method: "POST", body: form }));
    const { Status, Message } = parse(await answer.text()) || {};
    if (!Status) throw new Failure("other", { text: Message });
  }

  /** What the program says of the files: JSON as text, within its answer, which is JSON too. */
  async call(message) {
    const said = await this.exchange(message);
    if (!said || typeof said !== "object") throw new Failure("tool_problem");
    if (!said.status) throw new Failure("cancelled", { text: said.message });
    return said.data;
  }
}

function signedFile(text) {
  const { files } = parse(text) || {};
  try {
    const letters = atob(files[0].data);
    return new Blob([Uint8Array.from(letters, (letter) => letter.charCodeAt(0))], { type: "application/pdf" });
  } catch {
    throw new Failure("tool_problem");
  }
}
