// What the peers on Node.js have in common: one JSON request a line on standard input, one answer a line on
// standard output, in the same order.
import { webcrypto } from 'node:crypto'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

globalThis.crypto ??= webcrypto // Node.js 18 has it under another name

// version returns that of an installed package, and Node.js's, on which some of its behaviour depends.
export function version(name) {
  const file = new URL(`node_modules/${name}/package.json`, import.meta.url)
  return `${createRequire(import.meta.url)(file.pathname).version}, Node.js ${process.versions.node.split('.')[0]}`
}

// serve answers requests with what operations[request.op] returns. isRefusal tells the errors that the library
// says it throws from those that a caller does not expect.
export async function serve(operations, isRefusal) {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    let answer
    try {
      const request = JSON.parse(line)
      answer = await operations[request.op](request)
    } catch (error) {
      answer = { error: String(error.message), type: error.constructor.name, refusal: isRefusal(error) }
    }
    process.stdout.write(JSON.stringify(answer) + '\n')
  }
}
