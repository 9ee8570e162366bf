// Passkeys and copying are all that needs a script; every page works without it.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const post = async (url, body) => {
    const response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error([answer.detail, answer.hint].filter(Boolean).join(" "));
    return answer;
  };

  const create = async (options) => {
    const key = options.publicKey;
    key.challenge = bytes(key.challenge);
    key.user.id = bytes(key.user.id);
    for (const c of key.excludeCredentials || []) c.id = bytes(c.id);
    const made = await navigator.credentials.create({ publicKey: key });
    return { id: made.id, rawId: text(made.rawId), type: made.type, response: {
      clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports ? made.response.getTransports() : [] } };
  };

  const show = async (options) => {
    const key = options.publicKey;
    key.challenge = bytes(key.challenge);
    for (const c of key.allowCredentials || []) c.id = bytes(c.id);
    const shown = await navigator.credentials.get({ publicKey: key });
    return { id: shown.id, rawId: text(shown.rawId), type: shown.type, response: {
      clientDataJSON: text(shown.response.clientDataJSON), authenticatorData: text(shown.response.authenticatorData),
      signature: text(shown.response.signature), userHandle: shown.response.userHandle ? text(shown.response.userHandle) : null } };
  };

  const passkey = async (button) => {
    const wrong = button.parentElement.querySelector("[data-passkey-wrong]");
    wrong.hidden = true;
    button.disabled = true;
    try {
      const query = new URLSearchParams();
      if (button.dataset.link) query.set("link", button.dataset.link);
      if (button.dataset.next) query.set("next", button.dataset.next);
      const name = document.querySelector("[data-passkey-name]");
      if (name) query.set("name", name.value);
      const options = await post(button.dataset.passkey + "/begin?" + query, {});
      const answer = await ("create" in button.dataset ? create(options) : show(options));
      const done = await post(button.dataset.passkey + "/finish?" + query, answer);
      if ("submit" in button.dataset) button.form.submit();
      else location.assign(done.next);
    } catch (error) {
      wrong.textContent = error.name === "NotAllowedError" ? "Nothing was done: the browser was told to stop, or waited too long." : error.message;
      wrong.hidden = false;
      button.disabled = false;
    }
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-passkey],[data-copy]");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.passkey) return passkey(button);
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  });
  for (const part of document.querySelectorAll(".scripted")) part.hidden = false;
})();
