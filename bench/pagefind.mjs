// Asks a Pagefind index as a browser does: the ten best with their excerpts. Counts the bytes that a browser with
// nothing stored would fetch. Run: node pagefind.mjs FOLDER < {"kind": ["question", ...], ...}
import { copyFileSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const folder = process.argv[2];
const script = readFileSync(`${folder}/pagefind.js`);
let nBytes = 0;

// Its files are packed already, but for the two that a server would pack on the way.
globalThis.fetch = async (address) => {
  const path = new URL(address, "http://127.0.0.1/").pathname;
  const body = readFileSync(folder + path.replace(/^\/pagefind/, ""));
  nBytes += path.endsWith(".json") ? gzipSync(body).length : body.length;
  return new Response(body);
};

async function opened(number) {
  const copy = `${folder}/opened-${number}.mjs`;
  copyFileSync(`${folder}/pagefind.js`, copy);
  const pagefind = await import(copy);
  await pagefind.options({ basePath: "http://127.0.0.1/pagefind/", baseUrl: "/" });
  await pagefind.init();
  return pagefind;
}

async function ask(pagefind, question) {
  const found = await pagefind.search(question);
  await Promise.all(found.results.slice(0, 10).map((result) => result.data()));
}

const questions = JSON.parse(readFileSync(0, "utf8"));
const bytes = [];
for (const [number, question] of questions.words.slice(0, 50).entries()) {
  nBytes = gzipSync(script).length;
  await ask(await opened(number), question);
  bytes.push(nBytes);
}
const pagefind = await opened("last");
const taken = {};
for (const [kind, asked] of Object.entries(questions)) {
  taken[kind] = [];
  for (const question of asked) {
    const before = performance.now();
    await ask(pagefind, question);
    taken[kind].push(performance.now() - before);
  }
}
console.log(JSON.stringify({ bytes, taken_ms: taken }));
