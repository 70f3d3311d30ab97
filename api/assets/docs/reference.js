// The API reference: Swagger UI over /openapi.json, which answers what the caller may see.
"use strict";

(() => {
  const documentUrl = new URL("../openapi.json", location.href).href;
  const prefix = "#/components/schemas/";

  // Swagger UI writes every schema out in full where an operation uses it. Records refer to each other
  // in circles, so it would write for minutes; here each schema shows one level, and names the next.
  const cutCircles = (schemas) => {
    const target = (node) => (node.$ref?.startsWith(prefix) ? node.$ref.slice(prefix.length) : undefined);
    const children = (node) => Object.values(node).filter((value) => value && typeof value === "object");
    const targets = (node, found = new Set()) => {
      if (target(node)) {
        found.add(target(node));
      }
      children(node).forEach((child) => targets(child, found));
      return found;
    };
    const next = new Map(Object.entries(schemas).map(([name, schema]) => [name, targets(schema)]));
    const reachable = (name) => {
      const reached = new Set();
      const open = [name];
      while (open.length > 0) {
        for (const step of next.get(open.pop()) ?? []) {
          if (!reached.has(step)) {
            reached.add(step);
            open.push(step);
          }
        }
      }
      return reached;
    };
    const reached = new Map(Object.keys(schemas).map((name) => [name, reachable(name)]));

    const cut = (owner, node) => {
      if (!node || typeof node !== "object") {
        return node;
      }
      const name = target(node);
      if (name) {
        return reached.get(name)?.has(owner) ? { type: "object", description: `as ${name}` } : node;
      }
      if (Array.isArray(node)) {
        return node.map((item) => cut(owner, item));
      }
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, cut(owner, value)]));
    };
    return Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => {
        const shown = cut(name, schema);
        // A list keeps its members: they are the level that it shows.
        const members = schema.properties?.data?.items;
        if (members && target(members)) {
          shown.properties.data.items = members;
        }
        return [name, shown];
      }),
    );
  };

  const load = async () => {
    const answer = relataToken.watch(await fetch(documentUrl, { headers: relataToken.headers() }));
    const contract = await answer.json();
    if (!answer.ok) {
      throw new Error(contract.detail);
    }
    contract.components.schemas = cutCircles(contract.components.schemas);
    return contract;
  };

  const show = async () => {
    const place = document.getElementById("reference");
    let spec;
    try {
      spec = await load();
    } catch (error) {
      place.textContent = `The API reference could not be loaded: ${error.message}`;
      return;
    }
    window.ui = SwaggerUIBundle({
      spec,
      dom_id: "#reference",
      deepLinking: true,
      displayRequestDuration: true,
      docExpansion: "none",
      defaultModelsExpandDepth: 0,
      filter: true,
      tryItOutEnabled: true,
      validatorUrl: null, // the default sends the document to a public service
      responseInterceptor: (response) => relataToken.watch(response),
      requestInterceptor: (request) => {
        // The token goes to this server alone, and never over one that the reader has set by hand.
        const own = new URL(request.url, location.href).origin === location.origin;
        if (own && !request.headers.Authorization) {
          Object.assign(request.headers, relataToken.headers());
        }
        return request;
      },
    });
  };

  relataToken.onChange(show);
  show();
})();
