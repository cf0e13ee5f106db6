import { startInstance } from '../support/process.ts'
import { checkTypes, generateClients } from './generate.ts'
import { tellStory } from './story.ts'

/**
 * What other tools make of `openapi.yaml` (`npm run clients`): the clients of four generators compile, handle refusals by type
 * and drive the service. The last line is `N passed, N failed`.
 */
async function main(): Promise<void> {
  const service = await startInstance({
    DATABASE_URL: 'file::memory:',
    SESSION_SECRET: 'no secret is needed in this test',
    SESSION_LIMIT: '2',
    THROTTLE: 'off',
  })
  await check('four generators make clients of openapi.yaml', generateClients)
  await check('the clients compile, and a misspelt code does not', checkTypes)
  for (const name of ['openapi-typescript', 'hey-api', 'orval', 'swagger-typescript-api']) {
    await check(`${name}: login, list, kick, dispute`, async () => {
      const { connect } = await import(`./${name}.ts`)
      await tellStory(connect, service.url, `user-of-${name}`)
    })
  }
  await service.stop()
}

async function check(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run()
    tally.passed++
    process.stdout.write(`ok - ${name}\n`)
  } catch (error) {
    tally.failed++
    process.stdout.write(`not ok - ${name}\n${error instanceof Error ? error.stack : error}\n`)
  }
}

const tally = { passed: 0, failed: 0 }
await main()
process.stdout.write(`${tally.passed} passed, ${tally.failed} failed\n`)
process.exitCode = tally.failed === 0 ? 0 : 1
