import { endClass, openClass, presentToClass, readClass } from '../../../src/server/class-requests.ts';
import { dashboard } from '../../../src/server/dashboard.ts';

export const dynamic = 'force-dynamic';

export const GET = (request: Request): Promise<Response> => readClass(request, dashboard());
export const POST = (request: Request): Promise<Response> => openClass(request, dashboard());
export const PATCH = (request: Request): Promise<Response> => presentToClass(request, dashboard());
export const DELETE = (request: Request): Promise<Response> => endClass(request, dashboard());
