import { join } from 'node:path'
import { defineConfig } from 'vite'

const SOURCE = join(import.meta.dirname, '../../src/client')

// biome-ignore lint/style/noDefaultExport: Vite asks for it
export default defineConfig({
  root: import.meta.dirname,
  // In this repository the client comes from its source. With the installed package, leave this out.
  resolve: {
    alias: [
      { find: 'oneseat/client/react', replacement: join(SOURCE, 'react.ts') },
      { find: 'oneseat/client', replacement: join(SOURCE, 'client.ts') },
    ],
  },
  server: {
    // Page and API have one origin for the browser, so no CORS is needed. Open it at
    // http://localhost:5173 only: for a browser 127.0.0.1 is another site, with its own cookies.
    host: 'localhost',
    fs: { allow: [join(import.meta.dirname, '../..')] }, // for the client's source and the typeface
    proxy: {
      '/api': {
        target: process.env['ONESEAT_URL'] ?? 'http://127.0.0.1:3000',
        rewrite: (path) => path.replace(/^\/api/, ''),
      },
    },
  },
})
