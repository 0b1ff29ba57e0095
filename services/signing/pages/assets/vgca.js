// VGCA Sign Service, the program of the Government's cipher committee: it fetches a PDF from an address, signs it
// in its own window, and returns the file to another address. Its shape is read from pages that use it; here it
// was tried against a simulator only.

import { Failure } from "./failure.js";
import { openSocket, parse } from "./socket.js";

const ADDRESS = "wss://127.0.0.1:8987/SignApproved";

/** Resolves once the program answers. Rejects if it doesn't run. */
export async function probeVgca(signal) {
  return new Vgca(await openSocket(ADDRESS, signal));
}

class Vgca {
  constructor(socket) {
    this.socket = socket;
    this.signsFiles = true;
  }

  /** `document` and `upload`: where the program fetches the PDF and returns it signed. */
  signFile({ document, upload }) {
    return new Promise((resolve, reject) => {
      this.socket.onclose = () => reject(new Failure("tool_gone"));
      this.socket.onmessage = (event) => {
        const said = parse(event.data);
        this.socket.onclose = null;
        this.socket.close();
        if (said && said.Status === 0) resolve();
        else reject(new Failure(said ? "cancelled" : "tool_problem", { text: said && said.Message }));
      };
      this.socket.send(JSON.stringify({ FileUploadHandler: upload, SessionId: "", FileName: document }));
    });
  }
}
