import { startInstance } from '../test/support/process.ts'
import { runWorkflow } from './arazzo.ts'
import { checkTypes, generateClients } from './generate.ts'
import { compareCollection, runCollection } from './postman.ts'
import { tellStory } from './story.ts'
import { validateExamples } from './validators.ts'

/**
 * What other tools make of `openapi.yaml` (`npm run clients`): the clients of four generators compile, handle refusals by type
 * and drive the service; newman and `respect` follow what stands in `docs/`. The last line is `N passed, N failed`.
 */
async function main(): Promise<void> {
  await check('four generators make clients of openapi.yaml', generateClients)
  await check('the clients compile, and a misspelt code does not', checkTypes)
  await check('validators made of the patterns take what the examples have', validateExamples)
  const twoSeats = await startService('2')
  for (const name of ['openapi-typescript', 'hey-api', 'orval', 'swagger-typescript-api']) {
    await check(`${name}: login, list, kick, dispute`, async () => {
      const { connect } = await import(`./${name}.ts`)
      await tellStory(connect, twoSeats.url, `user-of-${name}`)
    })
  }
  await twoSeats.stop()
  const oneSeat = await startService('1')
  await check('the Postman collection is what openapi.yaml makes', compareCollection)
  await check('newman: two devices, each with a cookie jar', () => runCollection(oneSeat.url))
  await check('respect: login and kick as an Arazzo workflow', () => runWorkflow(oneSeat.url))
  await oneSeat.stop()
}

function startService(seats: string) {
  return startInstance({
    DATABASE_URL: 'file::memory:',
    SESSION_SECRET: 'no secret is needed in this test',
    SESSION_LIMIT: seats,
    THROTTLE: 'off',
  })
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
