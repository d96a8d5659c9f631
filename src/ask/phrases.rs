//! The words by which people ask, and those by which they do something else. Data.

use super::{By, Stand};

/// Words that order or answer: what holds one is no question.
pub(super) const ORDERS: &[&str] = &[
    "尽快",
    "抓紧",
    "赶紧",
    "赶快",
    "务必",
    "必须",
    "立即",
    "马上",
    "及时",
    "通知",
    "转告",
    "提醒",
    "催",
    "要求",
    "请各",
    "请你",
    "不要",
    "不用",
    "开会",
    "谢谢",
    "辛苦",
    "收到",
    "好的",
    "同意",
    "通过",
    "驳回",
    "不予",
    "已阅",
    "撤回",
    "撤销",
    "延期",
    "转办",
    "转给",
    "补图",
    "公告",
    "免打扰",
];

/// What holds an order's word and is none.
pub(super) const NO_ORDERS: &[&str] = &[
    "没收到",
    "未收到",
    "收到了吗",
    "收到了没",
    "收到没",
    "收到吗",
    "通知不到",
    "没通知",
    "未通过",
    "没通过",
    "不及时",
];

/// Words that ask.
pub(super) const ASKS: &[&str] = &[
    "?",
    "吗",
    "几个",
    "几项",
    "几条",
    "几家",
    "几人",
    "多少",
    "哪",
    "谁",
    "怎么样",
    "怎样",
    "如何",
    "咋样",
    "什么",
    "有没有",
    "了没",
    "呢",
    "名单",
    "清单",
    "列表",
    "列出",
    "列一下",
    "看看",
    "看一下",
    "看下",
    "查一下",
    "查下",
    "查看",
    "查询",
    "统计",
    "排名",
    "排行",
    "导出",
    "下载",
    "趋势",
    "走势",
    "曲线",
    "最多",
    "最差",
    "情况",
    "近况",
    "汇总",
];

/// Words that ask whether something is done.
pub(super) const WHETHER: &[&str] = &["吗", "了没", "没有", "?", "是不是", "是否"];

/// Words that ask how many or which.
pub(super) const WHICH: &[&str] = &[
    "几个", "几项", "几条", "几家", "多少", "哪", "什么", "名单", "清单", "列表", "列出",
];

/// Words that ask for people.
pub(super) const WHO: &[&str] = &["谁", "哪些人", "什么人", "多少人", "几个人", "几人"];

/// Where issues stand, the longer words first.
pub(super) const STANDS: &[(&str, Stand)] = &[
    ("没有签收", Stand::Unacknowledged),
    ("没签收", Stand::Unacknowledged),
    ("未签收", Stand::Unacknowledged),
    ("待签收", Stand::Unacknowledged),
    ("没有收到", Stand::Unacknowledged),
    ("没收到", Stand::Unacknowledged),
    ("没回复", Stand::Unacknowledged),
    ("没复核", Stand::Reported),
    ("未复核", Stand::Reported),
    ("待复核", Stand::Reported),
    ("等复核", Stand::Reported),
    ("等待复核", Stand::Reported),
    ("要复核", Stand::Reported),
    ("超期", Stand::Overdue),
    ("逾期", Stand::Overdue),
    ("过期", Stand::Overdue),
    ("超时", Stand::Overdue),
    ("申诉", Stand::Disputed),
    ("误报", Stand::Disputed),
    ("没有整改", Stand::Unfixed),
    ("没整改", Stand::Unfixed),
    ("未整改", Stand::Unfixed),
    ("待整改", Stand::Unfixed),
    ("没有改", Stand::Unfixed),
    ("没改", Stand::Unfixed),
    ("未改", Stand::Unfixed),
    ("没完成", Stand::Unfixed),
    ("未完成", Stand::Unfixed),
    ("没处理", Stand::Unfixed),
    ("未处理", Stand::Unfixed),
    ("没解决", Stand::Unfixed),
    ("未解决", Stand::Unfixed),
    ("没修改", Stand::Unfixed),
    ("未修改", Stand::Unfixed),
    ("未办结", Stand::Live),
    ("没办结", Stand::Live),
    ("未销号", Stand::Live),
    ("没销号", Stand::Live),
    ("在办", Stand::Live),
    ("整改完", Stand::Closed),
    ("整改好", Stand::Closed),
    ("整改了", Stand::Closed),
    ("已整改", Stand::Closed),
    ("处理完", Stand::Closed),
    ("解决了", Stand::Closed),
    ("完成了", Stand::Closed),
    ("改完", Stand::Closed),
    ("改好", Stand::Closed),
    ("已改", Stand::Closed),
    ("改了", Stand::Closed),
    ("办结", Stand::Closed),
    ("销号", Stand::Closed),
    ("消除", Stand::Closed),
    ("新增", Stand::Opened),
    ("新发现", Stand::Opened),
    ("发现", Stand::Opened),
    ("出现", Stand::Opened),
];

/// Words for a fix of which it is asked whether it was made.
pub(super) const SIGNED: &[&str] = &["签收了", "签收没", "都签收"];

/// People who were told and say nothing, or cannot be told.
pub(super) const SILENT: &[&str] = &[
    "没有绑定",
    "没绑定",
    "未绑定",
    "屏蔽",
    "拉黑",
    "通知不到",
    "送不到",
    "联系不上",
    "没动静",
    "没反应",
];

/// By what the most is asked for.
pub(super) const MOST: &[&str] = &[
    "最多", "最差", "排名", "排行", "最慢", "前三", "前五", "前十", "前几",
];

/// By what the most is told, where it is said.
pub(super) const MOST_BY: &[(&str, By)] = &[
    ("超期", By::Overdue),
    ("逾期", By::Overdue),
    ("反复", By::Repeated),
    ("重复", By::Repeated),
    ("屡", By::Repeated),
    ("新增", By::Opened),
    ("出现", By::Opened),
    ("出错", By::Opened),
];

/// How somebody or something does.
pub(super) const HOW: &[&str] = &[
    "怎么样",
    "怎样",
    "如何",
    "咋样",
    "什么情况",
    "情况",
    "近况",
    "表现",
    "看看",
    "看一下",
    "看下",
    "查一下",
    "查下",
    "查看",
    "查询",
];

/// The report of the day.
pub(super) const REPORT: &[&str] = &["检查报告", "日报", "报告", "检查结果"];
/// Whether it is there.
pub(super) const ARRIVED: &[&str] = &[
    "收到",
    "到",
    "来",
    "有没有",
    "出",
    "呢",
    "怎么样",
    "情况",
    "看",
    "传",
];

/// Printed names that nobody could place.
pub(super) const UNMATCHED: &[&str] = &[
    "待认领",
    "认领",
    "没识别",
    "未识别",
    "对不上",
    "没匹配",
    "未匹配",
    "找不到归属",
];
/// What waits for a ruling.
pub(super) const PENDING: &[&str] = &[
    "待裁",
    "待批",
    "待审",
    "等我批",
    "等我审",
    "要我批",
    "要我审",
    "待办",
];
/// What people did.
pub(super) const ACTS: &[&str] = &[
    "操作记录",
    "操作日志",
    "最近的操作",
    "最近操作",
    "谁操作",
    "谁动过",
    "审计",
];
/// Accounts without an update.
pub(super) const STALE: &[&str] = &["没有更新", "没更新", "未更新", "没发文", "没发布"];
/// A file of it.
pub(super) const EXPORT: &[&str] = &["导出", "下载", "excel", "xlsx", "表格"];
/// The course of it.
pub(super) const TREND: &[&str] = &["趋势", "走势", "曲线", "走向"];

/// Letters that say nothing beside what was understood.
pub(super) const FILLERS: &str = "的了新吗呢啊呀吧嘛么请问一下现在目前还都有是我们想要看查给个项条些哪那几多少谁什怎样如何问题错误单位账号人到没不最近全部所有咱这里上在和家名清单列表出帮知道告诉能可以已经就来为截止至今天当前其中总共共大概情况统计汇总条数数量况咋把份某个?,";
