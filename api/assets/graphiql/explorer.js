// GraphiQL over /graphql, as the caller whose token stands in the bar.
"use strict";

(() => {
  const fetcher = GraphiQL.createFetcher({
    url: new URL("../graphql", location.href).href,
    fetch: (url, options) =>
      // A header set by hand in the editor goes over the token.
      fetch(url, { ...options, headers: { ...relataToken.headers(), ...options.headers } }),
  });
  const root = ReactDOM.createRoot(document.getElementById("graphiql"));
  root.render(React.createElement(GraphiQL, { fetcher, shouldPersistHeaders: false }));

  // Another caller sees another schema. The query being written survives: GraphiQL stores it.
  relataToken.onChange(() => location.reload());
})();
