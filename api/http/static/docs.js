// A file of its own, because the page's content security policy runs no script that stands in the page.
SwaggerUIBundle({
  url: "api/v1/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  layout: "BaseLayout",
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset].filter(Boolean),
  persistAuthorization: false,
  // Nothing is fetched from, or told to, any other host.
  validatorUrl: null,
});
