/** One instruction of a Dockerfile, such as `COPY` with `src dest`. */
export type Instruction = { name: string; text: string }

/** The build stages of a Dockerfile, in order, each with its instructions; comments and line breaks are gone. */
export function readStages(dockerfile: string): Instruction[][] {
  const stages: Instruction[][] = []
  const lines = dockerfile.replace(/^#.*\n/gm, '').replace(/\\\n\s*/g, '')
  for (const line of lines.split('\n').filter((each) => each !== '')) {
    const [name = '', text = ''] = line.split(/ (.*)/s)
    if (name === 'FROM') stages.push([])
    stages.at(-1)?.push({ name, text })
  }
  return stages
}

/** What the instructions of this name say, in order. */
export function textsOf(stage: readonly Instruction[], name: string): string[] {
  return stage.filter((each) => each.name === name).map((each) => each.text)
}
