import type { Text } from './texts.ts'

/** Renders a text as a mail, plain and as HTML. */
export function render({ subject, paragraphs, link, last }: Text): Rendered {
  const shown = link === null ? null : (link.url ?? link.token)
  const lines = [...paragraphs, ...(shown === null ? [] : [shown]), last]
  const html = [
    ...paragraphs.map(paragraph),
    ...(link === null
      ? []
      : [`<p>${link.url === null ? `<code>${link.token}</code>` : anchor(link.url)}</p>`]),
    paragraph(last),
  ]
  return { subject, text: `${lines.join('\n\n')}\n`, html: html.join('\n') }
}

export type Rendered = { subject: string; text: string; html: string }

function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`
}

function anchor(url: string): string {
  return `<a href="${escapeHtml(url)}">${escapeHtml(url)}</a>`
}

/** Escapes HTML: a username may contain any character of a keyboard. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
