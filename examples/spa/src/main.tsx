import '@fontsource-variable/inter'
import './style.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { START } from './start-values.ts'

document.documentElement.dataset['accent'] = START.accent
createRoot(document.getElementById('root') as HTMLElement).render(<App />)
