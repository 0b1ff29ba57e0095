// Web sockets to programs on this computer, which answer in JSON.

import { Failure } from "./failure.js";

/** The open socket. Rejects if no program listens there, or the search is over. */
export function openSocket(address, signal) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address);
    const giveUp = () => {
      socket.close();
      reject(new Failure("none"));
    };
    socket.onopen = () => resolve(socket);
    socket.onerror = giveUp;
    signal.addEventListener("abort", giveUp);
  });
}

/** The value of a text in JSON; null if it is none. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
