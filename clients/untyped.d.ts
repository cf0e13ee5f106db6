/** Packages without types: what we use of them. */
declare module 'openapi-to-postmanv2' {
  type Result = { result: boolean; reason?: string; output: [{ data: never }] }
  export function convertV2(
    input: { type: 'string'; data: string },
    options: object,
    done: (error: Error | null, result: Result) => void,
  ): void
  const converter: { convertV2: typeof convertV2 }
  // biome-ignore lint/style/noDefaultExport: it is a CommonJS module
  export default converter
}

declare module 'newman' {
  type Failure = { source?: { name: string }; error: Error }
  type Summary = { run: { failures: Failure[]; stats: { assertions: { total: number } } } }
  export function run(
    options: { collection: string; folder: string; envVar: { key: string; value: string }[] },
    done: (error: Error | null, summary: Summary) => void,
  ): void
  const newman: { run: typeof run }
  // biome-ignore lint/style/noDefaultExport: it is a CommonJS module
  export default newman
}
