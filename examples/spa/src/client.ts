import { createClient } from 'oneseat/client'

/** The API, for all components. Behind the proxy of the dev server it is at `/api`; the demo serves it beside the page. */
export const client = createClient({ baseUrl: import.meta.env.VITE_API ?? '/api' })
