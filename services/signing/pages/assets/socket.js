// Web sockets to programs on this computer, which answer in JSON.

import { Failure } from "./failure.js";
import { parse } from "./json.js";

/** The open socket, which outlives the search. Rejects if no program listens there, or the search is over. */
export function openSocket(address, signal) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address);
    const giveUp = () => {
      socket.close();
      reject(new Failure("none"));
    };
    socket.onopen = () => {
      signal.removeEventListener("abort", giveUp);
      resolve(socket);
    };
    socket.onerror = giveUp;
    signal.addEventListener("abort", giveUp);
  });
}

/** A program that answers one message, over an open socket. */
export class SocketProgram {
  signsFiles = true;

  constructor(socket) {
    this.socket = socket;
  }

  /** The value that it answers; null if that is no JSON. Throws Failure: `changed` if the page closes it
   *  meanwhile, `tool_gone` if the program does. */
  exchange(message) {
    return new Promise((resolve, reject) => {
      this.giveUp = () => reject(new Failure(this.closed ? "changed" : "tool_gone"));
      this.socket.onclose = this.giveUp;
      this.socket.onmessage = (event) => {
        resolve(parse(event.data));
        this.socket.close();
      };
      if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
      else this.giveUp();
    });
  }

  /** The page uses this program no more. */
  close() {
    this.closed = true;
    this.socket.close();
    if (this.giveUp) this.giveUp();
  }
}
