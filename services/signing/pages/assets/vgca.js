// VGCA Sign Service, the program of the Government's cipher committee: it fetches a PDF from an address, signs it
// in its own window, and returns the file to another address. Its shape is read from pages that use it; here it
// was tried against a simulator only.

import { Failure } from "./failure.js";
import { openSocket, SocketProgram } from "./socket.js";

const ADDRESS = "wss://127.0.0.1:8987/SignApproved";

/** Resolves once the program answers. Rejects if it doesn't run. */
export async function probeVgca(signal) {
  return new Vgca(await openSocket(ADDRESS, signal));
}

class Vgca extends SocketProgram {
  name = "vgca";

  /** `document` and `upload`: where the program fetches the PDF and returns it signed. */
  async signFile({ document, upload }) {
    const asked = { FileUploadHandler: upload, SessionId: "", FileName: document };
    const said = await this.exchange(asked).catch((failure) => {
      if (failure.code !== "tool_gone") throw failure;
    });
    if (!said) throw new Failure("unknown"); // it may have sent the file before
    if (said.Status !== 0) throw new Failure("cancelled", { text: said.Message });
  }
}
