import t from 'tap'
import { startCaddy } from '../support/proxies.ts'
import { journeyBehind } from '../support/proxy-journey.ts'

t.test('behind the configuration of the documents', (t) => journeyBehind(t, startCaddy))
