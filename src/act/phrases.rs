//! The phrases by which people say what they want, and by which they deny or ask. Data.

use super::words::Wish;
use crate::issue::How;

/// The verbs of one kind of reader, each with the phrases that mean it.
pub(super) type Verbs = &'static [(Wish, &'static [&'static str])];

/// Longest phrase first, so that 未改 is not read as 改.
pub(super) const NOT_YET: &[&str] = &[
    "没改",
    "未改",
    "没有改",
    "还没",
    "尚未",
    "不能改",
    "无法",
    "怎么",
    "什么",
    "吗",
    "？",
    "?",
    "不是误报",
    "没收到",
    "未收到",
    "not yet",
    "can't",
    "cannot",
];

/// What those say who answer for an issue.
pub(super) const ANSWERING: Verbs = &[
    (
        Wish::ReportFix(None),
        &[
            "已经整改",
            "已整改",
            "整改完成",
            "已处理",
            "处理完",
            "整改完毕",
            "已更新",
            "更新了",
            "fixed",
            "done",
        ],
    ),
    (
        Wish::ReportFix(Some(How::Edited)),
        &[
            "已经修改",
            "已经改好",
            "已修改",
            "已改正",
            "已更正",
            "已改",
            "改好了",
            "改完了",
            "改了",
            "修改完成",
        ],
    ),
    (
        Wish::ReportFix(Some(How::Deleted)),
        &[
            "已经删除",
            "已删除",
            "已删",
            "删除了",
            "删了",
            "已经撤回",
            "已撤回",
            "撤回了",
            "已下架",
        ],
    ),
    (
        Wish::ReportFix(Some(How::Reposted)),
        &[
            "已删除重发",
            "已删除并重发",
            "已重发",
            "已重新发布",
            "重新发布了",
            "重发了",
        ],
    ),
    (
        Wish::Acknowledge,
        &[
            "收到",
            "签收",
            "知道了",
            "已阅",
            "好的",
            "明白",
            "马上改",
            "马上处理",
            "正在处理",
            "ok",
            "received",
        ],
    ),
    (
        Wish::Dispute,
        &[
            "误报",
            "误判",
            "不是错误",
            "没有错",
            "申诉",
            "有异议",
            "false alarm",
        ],
    ),
    (
        Wish::Extend,
        &[
            "申请延期",
            "延期",
            "申请宽限",
            "宽限",
            "延长期限",
            "推迟",
            "再给",
        ],
    ),
    (
        Wish::Reassign,
        &[
            "申请转办",
            "转办",
            "不属于我单位",
            "不属于我们单位",
            "不是我单位",
            "不是我们单位",
            "不归我单位",
            "不归我们单位",
            "非我单位",
            "不是我们的账号",
        ],
    ),
    (
        Wish::HandOver,
        &[
            "转给",
            "转交",
            "换人",
            "不归我管",
            "不归我负责",
            "不是我负责",
            "不由我负责",
        ],
    ),
    (
        Wish::TakeBack,
        &["撤回", "撤销", "点错了", "发错了", "取消上一步", "undo"],
    ),
];

/// What a manager says to what waits for a ruling.
pub(super) const RULING: Verbs = &[
    (
        Wish::Confirm,
        &["复核通过", "通过", "同意", "确认", "属实", "confirm"],
    ),
    (
        Wish::Refute,
        &[
            "复核不通过",
            "不能通过",
            "没有通过",
            "不能同意",
            "不确认",
            "未确认",
            "不属实",
            "未通过",
            "不通过",
            "没通过",
            "不同意",
            "不予",
            "驳回",
            "退回",
            "没改",
            "未改",
            "reject",
        ],
    ),
    (
        Wish::AskEvidence,
        &[
            "补图",
            "补凭证",
            "补充凭证",
            "要凭证",
            "补截图",
            "要截图",
            "请补",
        ],
    ),
];

/// Words that take something out: what is left is not ours to guess.
pub(super) const EXCEPT: &[&str] = &[
    "以外",
    "之外",
    "except",
    "不含",
    "不包括",
    "其余",
    "其他",
    "别的",
];
