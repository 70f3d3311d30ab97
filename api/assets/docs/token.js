// The bearer token of this browser tab, shared by the pages /docs/ and /graphiql/.
// It stays in sessionStorage: closing the tab forgets it, and no other tab or site reads it.
"use strict";

const relataToken = (() => {
  const key = "relata.token";
  const listeners = [];
  const form = document.getElementById("token-form");
  const input = document.getElementById("token");
  const forget = document.getElementById("token-forget");
  const state = document.getElementById("token-state");

  const read = () => sessionStorage.getItem(key) ?? "";

  const show = () => {
    const token = read();
    state.textContent = token ? `Signed in with …${token.slice(-4)}` : "Anonymous";
    forget.hidden = !token;
  };

  const change = (token) => {
    if (token) {
      sessionStorage.setItem(key, token);
    } else {
      sessionStorage.removeItem(key);
    }
    input.value = "";
    show();
    for (const listener of listeners) {
      listener();
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const token = input.value.trim().replace(/^Bearer\s+/i, "");
    if (token) {
      change(token);
    }
  });
  forget.addEventListener("click", () => change(""));
  show();

  // Says what to do when the server does not take the token, or wants one.
  const watch = (answer) => {
    if (answer.status === 401) {
      state.textContent = read() ? "The token is not taken (any more): paste a token" : "Paste a token";
    }
    return answer;
  };

  return {
    watch,
    // The headers that authorise a request; none for an anonymous caller.
    headers: () => (read() ? { Authorization: `Bearer ${read()}` } : {}),
    onChange: (listener) => listeners.push(listener),
  };
})();
