/** The services and companions of the system, declared once. Data only; safe to import in a browser. */
export * from './graph.ts';
export * from './names.ts';
export * from './services.ts';
