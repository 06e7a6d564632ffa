// The search takes a dash before a word for "not", two for an error, and a colon, a caret
// and a tilde for operators: here they are characters of what is searched, as in --from.
// A single letter would find all words that begin with it.
const { postMessage } = Worker.prototype;
Worker.prototype.postMessage = function (message, ...options) {
  if (typeof message?.data === "string") {
    const data = message.data.replace(/(?<=^|[\s"])[-+]+|[:^~*]|(?<=^|\s)[a-z](?=\s)/gi, " ");
    message = { ...message, data };
  }
  return postMessage.call(this, message, ...options);
};
