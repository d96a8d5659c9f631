// The three-minute story of `duban demo`, as a newcomer plays it: node story.mjs http://127.0.0.1:PORT

import {
  Column, DESKTOP, PHONE, PICTURE, accessible, check, fits, gone, seen, shot, tell, until,
} from "./support.mjs";

const address = process.argv[2];

/** What the wall says now, from its stream. */
async function wall() {
  const stream = await fetch(`${address}/demo/events`);
  let text = "";
  for await (const part of stream.body.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("\n\n")) break;
  }
  return JSON.parse(/^data: ?(.*)$/m.exec(text)[1]);
}

const number = async (page, stage) => {
  const text = await page.getByTestId(`funnel-${stage}`).locator("b").innerText();
  return Number(text);
};

/** The issue of an account on the wall, by its number. */
const standing = (page, issue) => page.getByTestId(`issue-${issue}`).getAttribute("data-state");

const tourIs = (page, step) => seen(page.locator(`#tour[data-step="${step}"]`));

/** Goes to the next morning and waits until it has come. */
async function nextDay(page) {
  const before = (await wall()).now.slice(0, 10);
  await page.getByTestId("next-day").click();
  await until("the next morning", page, async () => {
    const { now, busy } = await wall();
    return now.slice(0, 10) > before && !busy;
  });
}

await tell(address, async ({ visit, step }) => {
  step("the page opens on the first morning");
  const page = await visit();
  // The program answers when the city stands.
  await seen(page.getByTestId("next-day"));
  const begun = await until("the first report", page, async () => {
    const now = await wall();
    return now.report && !now.busy && now;
  });
  check(begun.funnel.findings > 20 && begun.funnel.told > 20, JSON.stringify(begun.funnel));
  const [operator, lead, manager, group] = begun.cast.map((id) => new Column(page, id));
  for (const column of [operator, lead, manager, group]) await column.node.waitFor({ state: "attached" });
  const issue = begun.issues.find(({ account }) => account === "台江发布");
  check(issue?.state === "open", JSON.stringify(issue));

  step("the operator of 台江发布 reads the digest");
  await tourIs(page, "welcome");
  const digest = await operator.reads("台江发布");
  check((await digest.locator("strong").count()) > 1, "the digest is formatted");
  check((await digest.locator(".keys button").count()) > 1, "the digest has buttons");
  await accessible(page, "the first morning");
  await fits(page, "the first morning");
  await shot(page, "1-morning");
  await page.getByTestId("tour-next").click();

  step("press 收到: a toast, the message is edited, the wall counts it");
  await tourIs(page, "press");
  await seen(operator.node.locator(".keys .spot"));
  const acknowledged = await number(page, "acknowledged");
  const position = await positionOf(digest, issue.number);
  await operator.press(`${position} 收到`);
  check((await operator.toast()).includes(`已签收 #${issue.number}`), "the toast names the issue");
  await seen(operator.messages("台江发布").filter({ hasText: "已编辑" }));
  await until("the button is gone", page, async () => !(await operator.key(`${position} 收到`).count()));
  await until("the wall counts it", page, async () => (await number(page, "acknowledged")) > acknowledged);
  await shot(page, "2-pressed");

  step("reply 已修改 with a photo");
  await tourIs(page, "fix");
  await operator.answer(await operator.reads("台江发布"));
  await operator.attach(PICTURE, `${position} 已修改`);
  const photo = operator.node.locator("article .photo img").last();
  await seen(photo);
  await until("the photo is drawn", page, () => photo.evaluate((img) => img.complete && img.naturalWidth === 40));
  await operator.reads("已记录整改");
  await until("the wall shows it", page, async () => (await standing(page, issue.number)) === "fix_reported");
  await page.getByTestId("tab-wall").click();
  await page.getByTestId(`issue-open-${issue.number}`).click();
  await seen(page.getByTestId(`issue-${issue.number}`).locator(".history li", { hasText: "报整改" }));
  await accessible(page, "an issue's history");
  await shot(page, "3-fixed");

  step("the manager asks /status from the menu of commands");
  await tourIs(page, "status");
  await manager.node.getByTestId("composer-commands").click();
  await seen(manager.node.locator('[data-command="status"]'));
  await shot(page, "4-commands");
  await manager.node.locator('[data-command="status"]').click();
  const status = await manager.reads("全市");
  check((await status.innerText()).includes("未办结"), await status.innerText());

  step("next day: the report verifies or refutes");
  await tourIs(page, "next");
  await nextDay(page);
  const second = await wall();
  const verified = await number(page, "verified");
  check(verified === second.funnel.verified, `${verified} verified`);
  const verbs = second.issues.flatMap(({ acts }) => acts.map(({ verb }) => verb));
  check(verbs.includes("verified") && verbs.includes("refuted"), [...new Set(verbs)].join());
  const after = second.issues.find((one) => one.number === issue.number);
  const word = after.acts.some(({ verb }) => verb === "refuted") ? "复查未通过" : "复核通过";
  await tourIs(page, "report");
  await page.getByTestId("tab-wall").click();
  await seen(page.getByTestId(`issue-${issue.number}`).locator(".history li", { hasText: word }));
  await shot(page, "5-next-day");

  step("tomorrow's report: a row is changed in the table, then a CSV takes its place");
  await page.getByTestId("tab-panel").click();
  await seen(page.getByTestId("report-is"));
  await page.getByTestId("report-edit").click();
  await seen(page.getByTestId("dialog"));
  await page.getByTestId("report-row-add").click();
  await page.keyboard.type("台江发布");
  await accessible(page, "the report as a table");
  await shot(page, "6-report");
  await page.getByTestId("dialog-save").click();
  await gone(page.getByTestId("dialog"));
  await page.getByTestId("report-reset").click();
  const accounts = ["台江发布", "示范号008", "示范号015", "示范号029", "示范号036"];
  const rows = accounts.map((name) => `${name},微信公众号,错别字,做为,作为`);
  const text = ["账号名称,账号类型,问题类型,错敏词,推荐修改", ...rows, ""].join("\n");
  const csv = { name: "明天.csv", mimeType: "text/csv", buffer: Buffer.from(text) };
  await page.getByTestId("report-file").setInputFiles(csv);
  await seen(page.getByTestId("report-is").filter({ hasText: "明天.csv" }));

  step("a 429 storm: the outbox waits, tells why, and recovers");
  await tourIs(page, "break");
  await accessible(page, "the director's panel");
  // To a minute before the report is fetched: then the storm is seen at ten times the speed.
  const day = (await wall()).now.slice(0, 10);
  const morning = new Date(`${day}T08:29Z`);
  morning.setUTCDate(morning.getUTCDate() + 1);
  await page.getByTestId("jump-to").fill(morning.toISOString().slice(0, 16));
  await page.getByTestId("jump").click();
  await until("the next morning", page, async () => (await wall()).now.slice(0, 10) > day);
  await page.getByTestId("fault-too_many").click();
  // The tour goes on to the outbox.
  await seen(page.getByTestId("outbox-counts"));
  await page.getByTestId("tab-panel").click();
  await seen(page.getByTestId("fault-active"));
  await page.getByTestId("speed-10").click();
  await page.getByTestId("tab-wall").click();
  // Owed, with the reason why it waits.
  const waits = page.locator('[data-testid="outbox-row"][data-state="owed"] small.warn');
  await seen(waits);
  await shot(page, "7-storm");
  await page.getByTestId("tab-panel").click();
  await page.getByTestId("speed-60").click();
  await until("the storm is over", page, async () => {
    const { outbox, report } = await wall();
    return report.date > day && !outbox.counts.owed && !outbox.counts.claimed;
  });
  await page.getByTestId("speed-1").click();
  check((await wall()).outbox.counts.dead === 0, "nothing is lost");
  const told = await operator.reads("做为");
  check((await told.locator("s").innerText()) === "做为", "the wrong word is struck out");
  await tourIs(page, "end");
  await page.getByTestId("tab-wall").click();
  await gone(waits);
  await shot(page, "8-recovered");
  await page.getByTestId("tab-panel").click();

  step("the bot is killed and started again: it goes on where it was");
  await page.getByTestId("restart").click();
  await seen(page.getByTestId("notice"));
  await operator.say("/my");
  await operator.reads("台江发布");
  await until("the answer to /my", page, async () => {
    const last = operator.node.locator("article").last();
    return !(await last.getAttribute("class")).includes("own") && (await last.innerText()).includes("台江发布");
  });

  step("blocked, and back");
  await operator.node.getByTestId("chat-menu").click();
  await page.getByTestId("menu-block").click();
  await operator.node.getByTestId("unblock").click();
  await seen(operator.input);

  step("an invitation is opened by somebody new");
  await page.getByTestId("people-search").fill("O-B01");
  await page.getByTestId("invite-O-B01").click();
  check((await page.getByTestId("invite-link").inputValue()).startsWith("https://t.me/"), "a deep link");
  await page.getByTestId("dialog-invite-open").click();
  await page.getByTestId("dialog-ok").click();
  await seen(page.locator("section.chat article", { hasText: "绑定成功" }).last());

  step("English, then dark");
  await page.getByTestId("lang").click();
  await seen(page.locator('html[lang="en"]'));
  await seen(page.getByTestId("tab-wall").filter({ hasText: /[A-Za-z]/ }));
  const chinese = await page.evaluate(() => {
    // What the program or a person wrote stays in their language; the page's own words do not.
    const own = [...document.querySelectorAll("[data-t]")].filter((node) => node.dataset.t !== "other_lang");
    return own.map((node) => node.textContent).filter((text) => /\p{Script=Han}/u.test(text));
  });
  check(chinese.length === 0, `in English: ${chinese}`);
  const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.getByTestId("theme").click();
  const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  check(light !== dark, `light ${light}, dark ${dark}`);
  await accessible(page, "the panel, in English and dark");
  await page.getByTestId("tab-wall").click();
  await accessible(page, "the wall, in English and dark");
  await shot(page, "9-english-dark");
  await page.getByTestId("theme").click();
  await page.getByTestId("lang").click();

  step("start again: everything from the beginning");
  await page.getByTestId("tab-panel").click();
  await page.getByTestId("again").click();
  await page.getByTestId("dialog-again").click();
  await until("the first morning again", page, async () => {
    const { now, busy, report } = await wall();
    return report && !busy && now.startsWith(begun.started);
  });
  const [star, , boss] = (await wall()).cast;
  const anew = new Column(page, star);
  await anew.reads("台江发布");
  await until("what was said is gone", page, async () => {
    const said = await page.locator("article", { hasText: "做为" }).count();
    return said === 0 && (await number(page, "acknowledged")) === 0;
  });
  await tourIs(page, "welcome");
  await page.getByTestId("tour-close").click();

  step("with the keyboard alone");
  const keyboard = await visit();
  const typed = new Column(keyboard, star);
  await typed.reads("台江发布");
  const focused = () =>
    keyboard.evaluate(() => document.activeElement.dataset.key ?? document.activeElement.dataset.command ?? "");
  let steps = 0;
  while (!(await focused()).includes("收到")) {
    check((steps += 1) < 60, `收到 is reached by Tab: after 60 steps the focus is on ${await focused()}`);
    await keyboard.keyboard.press("Tab");
  }
  const ring = await keyboard.evaluate(() => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  });
  check(ring, "the focus is seen");
  await shot(keyboard, "10-keyboard");
  await keyboard.keyboard.press("Enter");
  check((await typed.toast()).includes("已签收"), "pressed by Enter");
  await until("the focus stays in the message", keyboard, () =>
    keyboard.evaluate(() => Boolean(document.activeElement.closest("[data-message]"))),
  );
  console.log(`  收到 took ${steps} times Tab`);

  step("on a phone");
  const phone = await visit({ viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
  const held = new Column(phone, star);
  await held.reads("台江发布");
  await phone.getByTestId("tour-close").tap();
  await fits(phone, "the chat on a phone");
  await accessible(phone, "the chat on a phone");
  await shot(phone, "11-phone-chat");
  for (const name of ["wall", "panel"]) {
    await phone.getByTestId(`view-${name}`).tap();
    await seen(phone.getByTestId(name));
    await fits(phone, `the ${name} on a phone`);
    await accessible(phone, `the ${name} on a phone`);
    await shot(phone, `12-phone-${name}`);
  }
  await phone.getByTestId("view-chats").tap();
  await phone.locator(`[data-tab="${boss}"]`).tap();
  await seen(new Column(phone, boss).input);
  await shot(phone, "13-phone-manager");

  step("dark by the system's wish");
  const night = await visit({ colorScheme: "dark", viewport: DESKTOP });
  await new Column(night, star).reads("台江发布");
  await accessible(night, "the first morning, dark");
  await shot(night, "14-dark");
});

/** At which place a digest lists an issue. */
async function positionOf(digest, issue) {
  const text = await digest.innerText();
  return new RegExp(`(\\d+)\\.[^\\n]*#${issue}\\b`).exec(text)[1];
}
