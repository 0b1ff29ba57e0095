// MISA KYSO: it takes a whole PDF in base64 over a web socket, signs it in its own window, and answers with the
// signed file. Ports and messages are read from public pages that have it sign XML; that a PDF goes the same way
// is our assumption. Here it was tried against a simulator only.

import { toBase64 } from "./base64.js";
import { Failure } from "./failure.js";
import { openSocket, parse } from "./socket.js";

const PORTS = [11984, 11985, 12680, 12681, 12683];

/** The program at the first port that answers. Rejects if it doesn't run. */
export function probeKyso(signal) {
  return Promise.any(PORTS.map((port) => probe(port, signal)));
}

async function probe(port, signal) {
  return new Kyso(await openSocket(`ws://localhost:${port}/plugin`, signal));
}

class Kyso {
  constructor(socket) {
    this.socket = socket;
    this.signsFiles = true;
  }

  /** `document` and `upload`: where the page fetches the PDF, and where it sends what the program signed. */
  async signFile({ document, upload }) {
    const issued = await fetched(document);
    const name = "document.pdf";
    const asked = { action: "SignPDF", sessionId: crypto.randomUUID(), productName: "Gia Hạn" };
    const said = await this.call({ ...asked, files: [{ name, data: await toBase64(issued) }] });
    const form = new FormData();
    form.append("file", signedFile(said), name);
    const answer = await (await fetched(upload, { method: "POST", body: form })).text();
    const { Status, Message } = parse(answer) || {};
    if (!Status) throw new Failure("other", { text: Message });
  }

  /** What the program says of the files: JSON as text, within its answer, which is JSON too. */
  call(message) {
    return new Promise((resolve, reject) => {
      this.socket.onclose = () => reject(new Failure("tool_gone"));
      this.socket.onmessage = (event) => {
        const said = parse(event.data);
        this.socket.onclose = null;
        this.socket.close();
        if (!said || typeof said !== "object") reject(new Failure("tool_problem"));
        else if (!said.status) reject(new Failure("cancelled", { text: said.message }));
        else resolve(said.data);
      };
      this.socket.send(JSON.stringify(message));
    });
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

async function fetched(address, options) {
  const answer = await fetch(address, options).catch(() => null);
  if (!answer || !answer.ok) throw new Failure("offline");
  return answer.blob();
}
