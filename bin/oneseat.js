#!/usr/bin/env node
// Starts the program, or says in a line what is missing. In plain JavaScript, and with nothing that is imported before the check: a
// Node.js that is too old could not even read the rest.

const [major, minor] = process.versions.node.split('.').map(Number)
const runsTypeScript = major === 22 ? minor >= 18 : major === 23 ? minor >= 6 : major > 23

// Node.js takes no TypeScript from node_modules, so a package that is installed is compiled.
const isInstalled = /[\\/]node_modules[\\/]/.test(import.meta.url)
const isDemo = !isInstalled && process.argv[2] === 'demo' // which is not in the package
const program = isInstalled
  ? '../dist/src/cli.js'
  : isDemo
    ? '../examples/demo/main.ts'
    : '../src/cli.ts'
const otherWay = isInstalled
  ? ''
  : ', or run npm ci with development packages and install scripts, which brings one along'

if (runsTypeScript) {
  import(program).catch((error) => {
    if (!/^Cannot find package/.test(error.message)) throw error
    const how = isDemo ? 'with development packages' : 'without --omit=optional'
    stop(`packages are missing: run npm ${isInstalled ? 'install' : 'ci'} ${how}`)
  })
} else {
  stop(`needs Node.js 22.18 or later, and this is ${process.versions.node}. Install one${otherWay}`)
}

function stop(reason) {
  process.stderr.write(`oneseat: ${reason}.\n`)
  process.exitCode = 1
}
