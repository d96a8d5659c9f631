// The page of `duban sandbox` with the bot of tests/peers/grammy_bot.js behind it, as the developer of another
// bot uses it: node chats.mjs http://127.0.0.1:PORT

import { Column, PHONE, PICTURE, accessible, check, fits, seen, shot, tell, until } from "./support.mjs";

const address = process.argv[2];

/** Makes a person or a group through the page; the column that appears. */
async function make(page, kind, name) {
  const known = await page.locator("section.chat").count();
  await page.getByTestId("add-chat").click();
  await page.getByTestId(`pick-${kind}`).click();
  await page.locator("dialog[open] input[type=text]").fill(name);
  await page.getByTestId("dialog-ok").click();
  const node = page.locator("section.chat").nth(known);
  await seen(node);
  return new Column(page, await node.getAttribute("data-chat"));
}

/** Makes a person, who presses Start. Limits hold for each chat: three messages at once. */
async function person(page, name) {
  const column = await make(page, "person", name);
  await column.node.getByTestId("start").click();
  await column.reads(`Welcome, ${name}!`);
  return column;
}

await tell(address, async ({ visit, step }) => {
  const page = await visit({ path: "/chats" });

  step("somebody new comes and presses Start");
  const anna = await person(page, "林晓雨");
  const welcome = await anna.reads("Welcome");
  await seen(welcome.locator(".tag", { hasText: "林晓雨" }));
  await welcome.locator("button.link", { hasText: "/buttons" }).click();

  step("buttons: a toast, an edit, an alert, the deletion");
  await anna.reads("Do you agree?");
  await anna.press("Yes");
  check((await anna.toast()) === "林晓雨 chose yes", "the toast");
  const chosen = await anna.reads("You chose yes");
  await seen(chosen.locator("strong", { hasText: "yes" }));
  await seen(chosen.filter({ hasText: "已编辑" }));
  await anna.press("Same");
  await seen(page.getByTestId("dialog").filter({ hasText: "not modified" }));
  await accessible(page, "an alert");
  await page.getByTestId("dialog-ok").click();
  await anna.press("Delete");
  await until("the message is gone", page, async () => !(await anna.messages("You chose yes").count()));

  step("formatting as messengers show it");
  const boris = await person(page, "陈志远");
  await boris.say("/html");
  const html = await boris.reads("bold both");
  for (const tag of ["strong em", "u", "s", "code", "pre code", "blockquote", 'a[href="https://example.org/"]']) {
    check((await html.locator(tag).count()) > 0, `${tag} in the message`);
  }
  const spoiler = html.locator(".spoiler");
  await spoiler.focus();
  await page.keyboard.press("Enter");
  await seen(html.locator(".spoiler.shown", { hasText: "hidden" }));
  await boris.say("/markdown");
  await boris.reads("😀after");
  await accessible(page, "formatted messages");
  await shot(page, "chats-1-formats");

  step("pictures: a photo, an album, one's own");
  const clara = await person(page, "黄思敏");
  await clara.say("/photo");
  const photo = (await clara.reads("A red field")).locator("img");
  await until("the photo is drawn", page, () => photo.evaluate((img) => img.complete && img.naturalWidth === 40));
  await clara.press("Another caption");
  await clara.reads("Another caption");
  await clara.say("/album");
  await seen(clara.node.locator("article.album img").nth(1));
  const dana = await person(page, "周文博");
  await dana.attach(PICTURE, "现场");
  const answer = await dana.reads("40×30, “现场”");
  await seen(answer.locator(".quoted"));
  await shot(page, "chats-2-pictures");

  step("a reply that quotes, an edit of one's own, a file");
  await dana.say("/document");
  const file = (await dana.reads("Figures of a_b.c")).locator("a.file");
  check((await file.innerText()).includes("figures数.csv"), await file.innerText());
  const emil = await person(page, "吴静怡");
  await emil.say("a fine day");
  await seen(emil.node.locator("article:not(.own) .quoted", { hasText: "day" }));
  const own = emil.node.locator("article.own", { hasText: "a fine day" });
  await own.hover();
  await own.getByTestId("message-edit").click();
  await emil.say("a rainy day");
  await emil.reads("You now say: a rainy day");

  step("a group");
  const group = await make(page, "group", "值班群");
  await group.reads("Hello, 值班群");
  await group.node.getByTestId("speaker").selectOption({ label: "陈志远" });
  await group.node.getByTestId("composer-commands").click();
  await group.node.locator('[data-command="buttons"]').click();
  await group.reads("Do you agree?");
  await group.press("No");
  check((await group.toast()) === "陈志远 chose no", "who speaks presses");
  await group.reads("You chose no");
  await shot(page, "chats-3-group");

  step("faults and calls");
  await page.getByTestId("faults").click();
  await page.getByTestId("fault-slow").click();
  await seen(page.getByTestId("fault-active"));
  await accessible(page, "the faults");
  await page.getByTestId("fault-none").click();
  await page.keyboard.press("Escape");
  await page.getByTestId("calls").click();
  await seen(page.getByTestId("dialog").locator("td", { hasText: "sendMediaGroup" }));
  await accessible(page, "the calls");
  await shot(page, "chats-4-calls");
  await page.keyboard.press("Escape");
  const violations = await (await fetch(`${address}/control/violations`)).json();
  check(violations.length === 0, violations.join());

  step("on a phone, dark, in English");
  const phone = await visit({
    path: "/chats", viewport: PHONE, hasTouch: true, isMobile: true, locale: "en-GB", colorScheme: "dark",
  });
  await seen(phone.locator('html[lang="en"]'));
  await seen(phone.locator("section.chat.current"));
  await fits(phone, "the chats on a phone");
  await accessible(phone, "the chats on a phone, dark");
  await shot(phone, "chats-5-phone");
});
