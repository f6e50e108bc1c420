// What the React client of Burr's streaming example does with a response, and nothing else: it splits each piece that it reads at
// "data: ", drops what is before the first one, and reads each of the others as JSON.
//
// node react_client.mjs URL PROMPT: prints the history and the answer that a reader of that page sees, as JSON.
const [url, prompt] = process.argv.slice(2);

const response = await fetch(url, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ prompt }),
});
const decoder = new TextDecoder("utf-8");
const seen = { history: null, answer: "", others: [] };
for await (const piece of response.body) {
  const items = decoder.decode(piece, { stream: true }).split("data: ").slice(1);
  for (const item of items) {
    const event = JSON.parse(item);
    if (event.type === "chat_history") seen.history = event.value;
    else if (event.type === "delta") seen.answer += event.value;
    else seen.others.push(event.type);
  }
}
console.log(JSON.stringify(seen));
