// biome-ignore lint/style/noDefaultExport: what hey-api looks for
export default {
  input: '../openapi.yaml',
  output: { path: './generated/hey-api', module: { extension: '.ts' } },
  plugins: ['@hey-api/typescript', '@hey-api/sdk', '@hey-api/client-fetch', 'zod'],
  logs: { file: false },
}
