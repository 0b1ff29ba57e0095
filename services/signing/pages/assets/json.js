// Reads what may not be JSON.

/** The value of a text in JSON; null if it is none. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
