// A small bot as anybody writes one with grammY; it knows nothing of the sandbox or of duban.
// It works against the server named by API_ROOT (the real one: https://api.telegram.org) as BOT_TOKEN.
"use strict";

const assert = require("node:assert");
const { Bot, GrammyError, InlineKeyboard, InputFile, InputMediaBuilder } = require("grammy");

// Pictures of 40 × 30 pixels.
const RED = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAACgAAAAeCAIAAADRv8uKAAAAK0lEQVR42u3NMQ0AAAgDsCmZfynIQgYc" +
  "Tfo3056IWCwWi8VisVgsFov/xgvk2cL9u/0SgAAAAABJRU5ErkJggg==",
  "base64",
);
const BLUE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAACgAAAAeCAIAAADRv8uKAAAAK0lEQVR42u3NMQ0AAAgDsCmZfynIQgYc" +
  "Tfo37ZyIWCwWi8VisVgsFov/xguqv8L9SUHHFAAAAABJRU5ErkJggg==",
  "base64",
);

const { API_ROOT, BOT_TOKEN } = process.env;
const bot = new Bot(BOT_TOKEN, { client: { apiRoot: API_ROOT } });

const choices = () =>
  new InlineKeyboard()
    .text("Yes", "choose:yes")
    .text("No", "choose:no")
    .row()
    .url("Read on", "https://example.org/?a=1&b=2");
const after = () =>
  new InlineKeyboard().text("Again", "again").text("Same", "same").text("Delete", "delete");
const quoting = (context, quote) => ({
  reply_parameters: { message_id: context.msg.message_id, ...(quote && { quote }) },
});
const escape = (text) => text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

async function download(context) {
  const file = await context.getFile();
  const answer = await fetch(`${API_ROOT}/file/bot${BOT_TOKEN}/${file.file_path}`);
  assert.ok(answer.ok, `${answer.status} for ${file.file_path}`);
  const content = Buffer.from(await answer.arrayBuffer());
  assert.strictEqual(content.length, file.file_size);
  return content;
}

bot.command("start", async (context) => {
  const came = context.match ? `You came with <code>${context.match}</code>.` : "You just came.";
  const { id, first_name } = context.from;
  const mention = `<a href="tg://user?id=${id}">${escape(first_name)}</a>`;
  await context.reply(`Welcome, ${mention}! ${came} Next: /buttons`, { parse_mode: "HTML" });
});

bot.command("photo", async (context) => {
  await context.replyWithPhoto(new InputFile(RED, "red.png"), {
    caption: "A <i>red</i> field",
    parse_mode: "HTML",
    reply_markup: new InlineKeyboard().text("Another caption", "caption"),
  });
});

bot.command("album", async (context) => {
  const sent = await context.replyWithMediaGroup([
    InputMediaBuilder.photo(new InputFile(RED), { caption: "<b>Two</b> fields", parse_mode: "HTML" }),
    InputMediaBuilder.photo(new InputFile(BLUE)),
  ]);
  assert.strictEqual(sent.length, 2);
  assert.strictEqual(sent[0].media_group_id, sent[1].media_group_id);
});

bot.command("document", async (context) => {
  await context.replyWithDocument(new InputFile(Buffer.from("name,figure\na,1\n"), "figures数.csv"), {
    caption: "*Figures* of a\\_b\\.c",
    parse_mode: "MarkdownV2",
  });
});

bot.command("buttons", (context) => context.reply("Do you agree?", { reply_markup: choices() }));

bot.command("html", async (context) => {
  await context.reply(
    "<b>bold <i>both</i></b> <u>under</u> <s>gone</s> <tg-spoiler>hidden</tg-spoiler> <code>a &lt; b</code>\n" +
      '<pre><code class="language-rust">fn main() {}</code></pre>\n' +
      "<blockquote expandable>quoted\nat length</blockquote>\n" +
      '<a href="https://example.org/">a link</a>',
    { parse_mode: "HTML" },
  );
});

bot.command("markdown", async (context) => {
  await context.reply(
    "*bold _both_* __under__ ~gone~ ||hidden|| `a < b`\n" +
      "```rust\nfn main() {}```\n" +
      ">quoted\n>at length\n" +
      "[a link](https://example.org/) 1\\.5 \\- 😀*after*",
    { parse_mode: "MarkdownV2" },
  );
});

bot.command("typing", (context) => context.replyWithChatAction("upload_document"));

bot.command("patient", async (context) => {
  try {
    await context.reply("At once");
  } catch (refused) {
    if (!(refused instanceof GrammyError) || refused.error_code !== 429) throw refused;
    const { retry_after } = refused.parameters;
    await new Promise((done) => setTimeout(done, retry_after * 1000));
    await context.reply(`After ${retry_after} s`);
  }
});

// Writes to somebody else, who may have blocked the bot.
bot.command("stranger", async (context) => {
  try {
    await context.api.sendMessage(Number(context.match), "Hello, stranger");
  } catch (refused) {
    if (!(refused instanceof GrammyError)) throw refused;
    await context.reply(`${refused.error_code}: ${refused.description}`);
  }
});

bot.command("pin", async (context) => {
  const sent = await context.reply("Important");
  await context.pinChatMessage(sent.message_id, { disable_notification: true });
});

bot.callbackQuery(/^choose:(.+)$/, async (context) => {
  const choice = context.match[1];
  const name = [context.from.first_name, context.from.last_name].filter(Boolean).join(" ");
  await context.answerCallbackQuery(`${name} chose ${choice}`);
  await context.editMessageText(`You chose *${choice}*`, { parse_mode: "MarkdownV2", reply_markup: after() });
});
bot.callbackQuery("again", async (context) => {
  await context.answerCallbackQuery();
  await context.editMessageReplyMarkup({ reply_markup: choices() });
});
bot.callbackQuery("same", async (context) => {
  try {
    await context.editMessageText("You chose *yes*", { parse_mode: "MarkdownV2", reply_markup: after() });
    await context.answerCallbackQuery("It was changed");
  } catch (refused) {
    if (!(refused instanceof GrammyError) || refused.error_code !== 400) throw refused;
    const text = refused.description.replace("Bad Request: m", "M");
    await context.answerCallbackQuery({ text, show_alert: true });
  }
});
bot.callbackQuery("delete", async (context) => {
  await context.answerCallbackQuery("Deleted");
  await context.deleteMessage();
});
bot.callbackQuery("caption", async (context) => {
  await context.answerCallbackQuery();
  await context.editMessageCaption({ caption: "Another <b>caption</b>", parse_mode: "HTML" });
});

bot.chatType("private").on("message:text", async (context) => {
  const { text } = context.msg;
  await context.reply(text, quoting(context, text.split(" ").at(-1)));
});
bot.on("edited_message:text", async (context) => {
  await context.reply(`You now say: ${context.msg.text}`, quoting(context));
});
bot.on("message:photo", async (context) => {
  const largest = context.msg.photo.at(-1);
  const content = await download(context);
  assert.strictEqual(content.length, largest.file_size);
  await context.reply(
    `${content.length} bytes, ${largest.width}×${largest.height}, “${context.msg.caption}”`,
    quoting(context),
  );
});
// Gives it back by its id, after a look into it.
bot.on("message:document", async (context) => {
  const { file_id, file_name } = context.msg.document;
  const lines = (await download(context)).toString().split("\n").length - 1;
  await context.replyWithDocument(file_id, { caption: `${file_name}: ${lines} lines` });
});
bot.chatType(["group", "supergroup"]).on("my_chat_member", async (context) => {
  const { status } = context.myChatMember.new_chat_member;
  if (status === "member" || status === "administrator") await context.reply(`Hello, ${context.chat.title}`);
});

async function main() {
  const commands = [
    { command: "start", description: "Begin" },
    { command: "buttons", description: "Choose" },
    { command: "photo", description: "See a field" },
  ];
  await bot.api.setMyCommands(commands);
  assert.deepStrictEqual(await bot.api.getMyCommands(), commands);
  await bot.api.setMyDescription("A bot of grammY");
  await bot.api.setMyShortDescription("It tries everything");
  await bot.start({ allowed_updates: ["message", "edited_message", "callback_query", "my_chat_member"] });
}

main();
