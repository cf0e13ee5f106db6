import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

/** Compiles what the package has into `dist/`: JavaScript, declarations and source maps (`npm run build`, also before `npm pack`). */
const ROOT = join(import.meta.dirname, '..')
rmSync(join(ROOT, 'dist'), { recursive: true, force: true })
const { status } = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' })
process.exitCode = status ?? 1
