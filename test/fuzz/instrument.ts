import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { createInstrumenter } from 'istanbul-lib-instrument'

// Imported for its effect, before anything that it is to watch: from then on every branch of `src/`, of the targets and of
// the packages that read what strangers send has a counter.

const asModule = createInstrumenter({ esModules: true, produceSourceMap: false })
const asScript = createInstrumenter({ esModules: false, produceSourceMap: false })

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    if (!WATCHED.test(url) || loaded.source === null || loaded.source === undefined) return loaded
    const text = loaded.source.toString()
    const isTypeScript = url.endsWith('.ts')
    const isScript = loaded.format === 'commonjs'
    const code = isTypeScript ? stripTypeScriptTypes(text) : text
    const source = (isScript ? asScript : asModule).instrumentSync(code, fileURLToPath(url))
    return { ...loaded, format: isTypeScript ? 'module' : loaded.format, source, shortCircuit: true }
  },
})

const WATCHED =
  /\/src\/.*\.ts$|\/test\/fuzz\/(targets|traps)\.ts$|\/node_modules\/(cookie|@fastify\/cookie|@fastify\/proxy-addr|ipaddr\.js|bowser)\/.*\.m?js$/
