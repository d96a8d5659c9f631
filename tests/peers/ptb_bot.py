"""A small bot as anybody writes one with python-telegram-bot; it knows nothing of the sandbox or of duban.

It works against the server named by API_ROOT (the real one: https://api.telegram.org) as BOT_TOKEN.
"""

import asyncio
import base64
import os

from telegram import (
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Update,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, Forbidden, RetryAfter
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)
from telegram.helpers import escape_markdown

# Pictures of 40 × 30 pixels.
RED = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAACgAAAAeCAIAAADRv8uKAAAAK0lEQVR42u3NMQ0AAAgDsCmZfynIQgYc"
    "Tfo3056IWCwWi8VisVgsFov/xgvk2cL9u/0SgAAAAABJRU5ErkJggg=="
)
BLUE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAACgAAAAeCAIAAADRv8uKAAAAK0lEQVR42u3NMQ0AAAgDsCmZfynIQgYc"
    "Tfo37ZyIWCwWi8VisVgsFov/xguqv8L9SUHHFAAAAABJRU5ErkJggg=="
)

Context = ContextTypes.DEFAULT_TYPE


def choices() -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton("Yes", callback_data="choose:yes"),
                InlineKeyboardButton("No", callback_data="choose:no"),
            ],
            [InlineKeyboardButton("Read on", url="https://example.org/?a=1&b=2")],
        ]
    )


def after() -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton("Again", callback_data="again"),
                InlineKeyboardButton("Same", callback_data="same"),
                InlineKeyboardButton("Delete", callback_data="delete"),
            ]
        ]
    )


async def start(update: Update, context: Context) -> None:
    came = f"You came with <code>{context.args[0]}</code>." if context.args else "You just came."
    await update.effective_message.reply_html(
        f"Welcome, {update.effective_user.mention_html()}! {came} Next: /buttons"
    )


async def photo(update: Update, context: Context) -> None:
    await update.effective_message.reply_photo(
        RED,
        caption="A <i>red</i> field",
        parse_mode=ParseMode.HTML,
        filename="red.png",
        reply_markup=InlineKeyboardMarkup.from_button(
            InlineKeyboardButton("Another caption", callback_data="caption")
        ),
    )


async def album(update: Update, context: Context) -> None:
    sent = await update.effective_message.reply_media_group(
        [
            InputMediaPhoto(RED, caption="<b>Two</b> fields", parse_mode=ParseMode.HTML),
            InputMediaPhoto(BLUE),
        ]
    )
    assert len(sent) == 2 and sent[0].media_group_id == sent[1].media_group_id


async def document(update: Update, context: Context) -> None:
    await update.effective_message.reply_document(
        "name,figure\na,1\n".encode(),
        filename="figures数.csv",
        caption=f"*Figures* of {escape_markdown('a_b.c', version=2)}",
        parse_mode=ParseMode.MARKDOWN_V2,
    )


async def buttons(update: Update, context: Context) -> None:
    await update.effective_message.reply_text("Do you agree?", reply_markup=choices())


async def html(update: Update, context: Context) -> None:
    await update.effective_message.reply_html(
        "<b>bold <i>both</i></b> <u>under</u> <s>gone</s> <tg-spoiler>hidden</tg-spoiler> <code>a &lt; b</code>\n"
        '<pre><code class="language-rust">fn main() {}</code></pre>\n'
        "<blockquote expandable>quoted\nat length</blockquote>\n"
        '<a href="https://example.org/">a link</a>'
    )


async def markdown(update: Update, context: Context) -> None:
    await update.effective_message.reply_markdown_v2(
        "*bold _both_* __under__ ~gone~ ||hidden|| `a < b`\n"
        "```rust\nfn main() {}```\n"
        ">quoted\n>at length\n"
        "[a link](https://example.org/) 1\\.5 \\- 😀*after*"
    )


async def typing(update: Update, context: Context) -> None:
    await update.effective_chat.send_action(ChatAction.UPLOAD_DOCUMENT)


async def patient(update: Update, context: Context) -> None:
    try:
        await update.effective_message.reply_text("At once")
    except RetryAfter as refused:
        await asyncio.sleep(refused.retry_after)
        await update.effective_message.reply_text(f"After {refused.retry_after} s")


async def stranger(update: Update, context: Context) -> None:
    """Writes to somebody else, who may have blocked the bot."""
    try:
        await context.bot.send_message(int(context.args[0]), "Hello, stranger")
    except (BadRequest, Forbidden) as refused:
        await update.effective_message.reply_text(f"{type(refused).__name__}: {refused.message}")


async def pin(update: Update, context: Context) -> None:
    sent = await update.effective_message.reply_text("Important")
    await sent.pin(disable_notification=True)


async def press(update: Update, context: Context) -> None:
    query = update.callback_query
    match query.data:
        case "again":
            await query.answer()
            await query.edit_message_reply_markup(choices())
        case "same":
            try:
                await query.edit_message_text("You chose *yes*", ParseMode.MARKDOWN_V2, reply_markup=after())
                await query.answer("It was changed")
            except BadRequest as refused:
                await query.answer(refused.message, show_alert=True)
        case "delete":
            await query.answer("Deleted")
            await query.delete_message()
        case "caption":
            await query.answer()
            await query.edit_message_caption("Another <b>caption</b>", parse_mode=ParseMode.HTML)
        case data:
            choice = data.removeprefix("choose:")
            await query.answer(f"{query.from_user.full_name} chose {choice}")
            await query.edit_message_text(
                f"You chose *{choice}*", parse_mode=ParseMode.MARKDOWN_V2, reply_markup=after()
            )


async def echo(update: Update, context: Context) -> None:
    message = update.effective_message
    last = message.text.split()[-1]
    await message.reply_text(message.text, do_quote=message.build_reply_arguments(quote=last))


async def edited(update: Update, context: Context) -> None:
    message = update.edited_message
    await message.reply_text(f"You now say: {message.text}", do_quote=True)


async def received_photo(update: Update, context: Context) -> None:
    largest = update.effective_message.photo[-1]
    file = await largest.get_file()
    content = await file.download_as_bytearray()
    assert len(content) == largest.file_size, (len(content), largest.file_size)
    await update.effective_message.reply_text(
        f"{len(content)} bytes, {largest.width}×{largest.height}, “{update.effective_message.caption}”",
        do_quote=True,
    )


async def received_document(update: Update, context: Context) -> None:
    """Gives it back by its id, after a look into it."""
    document = update.effective_message.document
    content = await (await document.get_file()).download_as_bytearray()
    await update.effective_message.reply_document(
        document.file_id, caption=f"{document.file_name}: {content.decode().count(chr(10))} lines"
    )


async def member(update: Update, context: Context) -> None:
    chat, now = update.effective_chat, update.my_chat_member.new_chat_member.status
    if chat.type != chat.PRIVATE and now in ("member", "administrator"):
        await chat.send_message(f"Hello, {chat.title}")


async def prepare(application: Application) -> None:
    bot = application.bot
    commands = [
        BotCommand("start", "Begin"),
        BotCommand("buttons", "Choose"),
        BotCommand("photo", "See a field"),
    ]
    await bot.set_my_commands(commands)
    assert list(await bot.get_my_commands()) == commands
    await bot.set_my_description("A bot of python-telegram-bot")
    await bot.set_my_short_description("It tries everything")


def main() -> None:
    root = os.environ["API_ROOT"]
    application = (
        Application.builder()
        .token(os.environ["BOT_TOKEN"])
        .base_url(f"{root}/bot")
        .base_file_url(f"{root}/file/bot")
        .post_init(prepare)
        .build()
    )
    commands = [start, photo, album, document, buttons, html, markdown, typing, patient, stranger, pin]
    for command in commands:
        application.add_handler(
            CommandHandler(command.__name__, command, filters.UpdateType.MESSAGE)
        )
    new = filters.UpdateType.MESSAGE
    application.add_handler(MessageHandler(new & filters.TEXT & filters.ChatType.PRIVATE, echo))
    application.add_handler(MessageHandler(filters.UpdateType.EDITED_MESSAGE & filters.TEXT, edited))
    application.add_handler(MessageHandler(new & filters.PHOTO, received_photo))
    application.add_handler(MessageHandler(new & filters.Document.ALL, received_document))
    application.add_handler(CallbackQueryHandler(press))
    application.add_handler(ChatMemberHandler(member, ChatMemberHandler.MY_CHAT_MEMBER))
    application.run_polling(allowed_updates=Update.ALL_TYPES)


if __name__ == "__main__":
    main()
