// Why the form isn't signed: `code` chooses the words on the page.

export class Failure extends Error {
  constructor(code, details = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}
