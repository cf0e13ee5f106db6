/** A command as a document shows it, and what the document says it prints. */
export type Shown = { command: string; output: string }

/** The commands in the `console` blocks of a Markdown text: lines with `$ `, each with the lines that follow it. */
export function shownCommands(markdown: string): Shown[] {
  const blocks = [...markdown.matchAll(/^```console\n(.*?)^```$/gms)].map(([, block = '']) => block)
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((text) => {
        const [command = '', ...output] = text.split('\n')
        return { command, output: output.join('\n') }
      }),
  )
}

/** Whether a command printed what was shown; `…` stands for anything. */
export function matchesShown(printed: string, shown: string): boolean {
  const parts = shown
    .trimEnd()
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*?')}$`, 's').test(printed.trimEnd())
}
