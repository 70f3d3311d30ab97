// GraphiQL over /graphql, as the caller whose token stands in the bar.
"use strict";

(() => {
  const fetcher = GraphiQL.createFetcher({
    url: new URL("../graphql", location.href).href,
    fetch: (url, options) =>
      // A header set by hand in the editor goes over the token.
      fetch(url, { ...options, headers: { ...relataToken.headers(), ...options.headers } }).then(relataToken.watch),
  });
  const defaultQuery = "# Ctrl-Space shows what may stand here; the docs on the left show all types.\n{\n  schemaVersion\n}\n";
  const root = ReactDOM.createRoot(document.getElementById("graphiql"));
  root.render(React.createElement(GraphiQL, { fetcher, defaultQuery, shouldPersistHeaders: false }));

  // Another caller sees another schema. The query being written survives: GraphiQL stores it.
  relataToken.onChange(() => location.reload());
})();
