// The API reference: Swagger UI over /openapi.json, which answers what the caller may see.
"use strict";

(() => {
  const documentUrl = new URL("../openapi.json", location.href).href;

  const show = () => {
    window.ui = SwaggerUIBundle({
      url: documentUrl,
      dom_id: "#reference",
      deepLinking: true,
      displayRequestDuration: true,
      docExpansion: "none",
      defaultModelsExpandDepth: 0,
      filter: true,
      tryItOutEnabled: true,
      validatorUrl: null, // the default sends the document to a public service
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
