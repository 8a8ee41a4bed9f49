import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { type Response, Router } from 'express';
import { notTraffic } from './metrics.ts';

const swaggerFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const INITIALIZER = `window.onload = () => {
  window.ui = SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', presets: [SwaggerUIBundle.presets.apis] });
};`;

/** `/openapi.json`, and Swagger UI at `/docs`, served from this process alone. */
export function apiDocs(document: object): Router {
  const router = Router();
  router.use(['/openapi.json', '/docs'], notTraffic);
  const json = JSON.stringify(document);
  router.get('/openapi.json', (_req, res) => void res.type('application/json').send(json));
  router.get('/docs/swagger-initializer.js', (_req, res) => void res.type('text/javascript').send(INITIALIZER));
  const setHeaders = (res: Response) => void res.set('Cache-Control', 'public, max-age=3600');
  router.use('/docs', express.static(swaggerFolder, { index: 'index.html', setHeaders }));
  return router;
}
