import { readFileSync } from 'node:fs'

const TEMPLATE = new URL('./performance.md', import.meta.url)

/**
 * The page that the template becomes. What people wrote in it stays, word for word.
 *
 * @param parts what stands in place of `<!-- name -->`
 * @throws Error where the template asks for another part, or asks not for one of these
 */
export function page(parts: Readonly<Record<string, string>>): string {
  const template = readFileSync(TEMPLATE, 'utf8')
  const asked = new Set<string>()
  const made = template.replaceAll(/^<!-- ([a-z]+) -->$/gm, (_, name: string) => {
    const part = parts[name]
    if (part === undefined) throw new Error(`the page asks for ${name}, which was not measured`)
    asked.add(name)
    return part
  })
  const left = Object.keys(parts).filter((name) => !asked.has(name))
  if (left.length > 0) throw new Error(`the page has no place for ${left.join(', ')}`)
  return made
}
